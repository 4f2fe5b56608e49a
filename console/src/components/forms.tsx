// What forms have in common: how they end, how they stand in a dialog and in a page, and secrets that are shown once.
import { Alert, Button, Card, Group, PasswordInput, Stack, Title, type CardProps, type PasswordInputProps } from '@mantine/core';
import type { FormEventHandler, ReactNode } from 'react';
import { CopyField } from './CopyField';

interface FormProps {
  onSubmit: FormEventHandler<HTMLFormElement>;
  pending: boolean;
  /** What the button says. */
  label?: string;
  children: ReactNode;
}

/** The form in a dialog. */
export function DialogForm({ onSubmit, pending, label = 'Save', onClose, children }: FormProps & { onClose: () => void }) {
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        {children}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={pending}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FormCardProps extends FormProps, Omit<CardProps, 'children' | 'onSubmit'> {
  title?: string;
  /** Only to be looked at. */
  locked?: boolean;
}

/** A form that is a part of a page. */
export function FormCard({ title, onSubmit, pending, label = 'Save', locked, children, ...rest }: FormCardProps) {
  return (
    <Card {...rest}>
      {title && (
        <Title order={2} mb="md">
          {title}
        </Title>
      )}
      <form onSubmit={onSubmit}>
        <Stack>
          {children}
          {!locked && (
            <Button type="submit" loading={pending} style={{ alignSelf: 'flex-start' }}>
              {label}
            </Button>
          )}
        </Stack>
      </form>
    </Card>
  );
}

/** A password that is being chosen. */
export function NewPassword(props: PasswordInputProps) {
  return <PasswordInput label="Password" description="At least eight characters" autoComplete="new-password" required minLength={8} {...props} />;
}

/** A secret that was just made. */
export function ShownOnce({ label, value, about, onClose }: { label: string; value: string; about: string; onClose: () => void }) {
  return (
    <Stack>
      <Alert color="teal" role="status">
        {about}
      </Alert>
      <CopyField label={label} value={value} />
      <Button onClick={onClose}>Done</Button>
    </Stack>
  );
}
