// How a provider's mails look and where answers go: a part of its form.
import { ColorInput, Fieldset, SimpleGrid, Stack, Switch, Textarea, TextInput } from '@mantine/core';

const DROPPER = { 'aria-label': 'Take a colour from the screen' };

interface Props {
  /** The form that has them in the field `mail`. */
  form: { getInputProps: (path: string, options?: { type: 'checkbox' }) => object };
}

export function MailFields({ form }: Props) {
  const field = (name: string) => form.getInputProps(`mail.${name}`);
  return (
    <Fieldset legend="Mails">
      <Stack>
        <TextInput label="Answers go to" description="Left empty, to the sender" placeholder="help@acme.example" {...field('replyTo')} />
        <TextInput label="Logo" description="The https address of a picture above the text" placeholder="https://acme.example/logo.png" {...field('logoUrl')} />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <ColorInput eyeDropperButtonProps={DROPPER} label="Colour" description="Of links and the line below the logo" placeholder="#1d4ed8" {...field('color')} />
          <ColorInput eyeDropperButtonProps={DROPPER} label="Ground" description="Around the text" placeholder="#ffffff" {...field('backgroundColor')} />
        </SimpleGrid>
        <TextInput label="Footer" description="Such as why people get the mail" placeholder="You get this because you are a customer." {...field('footer')} />
        <Textarea label="Your address by post" description="The law of many countries wants it in every advertisement" placeholder="Acme Ltd, P.O. Box 1, Nairobi" autosize {...field('postalAddress')} />
        <Switch label="A link to unsubscribe in every mail" {...form.getInputProps('mail.unsubscribeLink', { type: 'checkbox' })} />
        <TextInput label="Host of that link" description="One of yours that points here, instead of this installation’s address" placeholder="links.acme.example" {...field('trackingDomain')} />
      </Stack>
    </Fieldset>
  );
}
