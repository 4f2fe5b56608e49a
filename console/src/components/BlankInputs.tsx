// One field for each blank of a WhatsApp template.
import { Fieldset, SimpleGrid, TextInput } from '@mantine/core';
import type { WhatsAppTemplateParameters } from '../api/schema';
import type { Blank } from '../lib/whatsapp';

interface Props {
  legend: string;
  blanks: Blank[];
  values: WhatsAppTemplateParameters;
  placeholder?: string;
  onChange: (values: WhatsAppTemplateParameters) => void;
}

export function BlankInputs({ legend, blanks, values, placeholder, onChange }: Props) {
  if (blanks.length === 0) return null;
  return (
    <Fieldset legend={legend}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {blanks.map(({ part, index, label }) => (
          <TextInput
            key={`${part} ${index}`}
            label={label}
            placeholder={placeholder}
            required
            value={values[part][index] ?? ''}
            onChange={(event) => onChange({ ...values, [part]: values[part].map((value, at) => (at === index ? event.currentTarget.value : value)) })}
          />
        ))}
      </SimpleGrid>
    </Fieldset>
  );
}
