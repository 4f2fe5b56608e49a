// The frame of the pages before the sign-in: what Dundun is on one side, a form that begins a session on the other.
import { Alert, Box, Button, Stack, Text, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState, type FormEventHandler, type ReactNode } from 'react';
import { isProblem, onFields, sentence } from '../api/problem';
import type { SignedIn } from '../api/schema';
import { begin } from '../api/session';
import { Brand } from './Brand';

/** What follows a form that begins a session: the page asked for, or why not, on its fields or above them. */
export function useEntry(form: Parameters<typeof onFields>[0], names?: Record<string, string>) {
  const navigate = useNavigate();
  const [refused, setRefused] = useState<string>();
  const to = (next = '/') => ({
    onSuccess: (answer: SignedIn) => {
      begin(answer);
      void navigate({ to: next, replace: true });
    },
    onError: (error: unknown) => {
      const named = isProblem(error) && (error.status === 422 || names?.[error.code]);
      setRefused(named ? undefined : sentence(error));
      if (named) onFields(form, names)(error);
    },
  });
  return { refused, to };
}

interface Props {
  title: string;
  about: string;
  /** Why it was refused. */
  refused?: string;
  onSubmit: FormEventHandler<HTMLFormElement>;
  pending: boolean;
  /** What the button says. */
  label: string;
  disabled?: boolean;
  /** Below the button. */
  after?: ReactNode;
  children: ReactNode;
}

export function Welcome({ title, about, refused, onSubmit, pending, label, disabled, after, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Dundun`;
  }, [title]);
  return (
    <div className="welcome">
      <header className="welcome-art">
        <Brand />
        <Stack className="wide" gap="md" maw={440}>
          <Text fz={38} fw={700} lh={1.12} style={{ letterSpacing: '-0.025em' }}>
            Say it once. Reach everyone.
          </Text>
          <Text fz="lg" c="#f3d9ca" lh={1.5}>
            From a spreadsheet to a message for hundreds or millions, with its price before you send it and a list that proves who got it.
          </Text>
        </Stack>
        <Text className="wide" size="sm" c="#e6c3b0">
          Runs in your own account. Nothing is shared with anyone else.
        </Text>
        <svg className="pattern" viewBox="0 0 200 200" fill="none" stroke="#f2a677" strokeWidth="1.2" aria-hidden>
          {[20, 38, 56, 74, 92].map((radius) => (
            <circle key={radius} cx="110" cy="110" r={radius} />
          ))}
          {Array.from({ length: 24 }, (_, index) => {
            const angle = (index * Math.PI) / 12;
            return (
              <path
                key={index}
                d={`M${110 + 20 * Math.cos(angle)} ${110 + 20 * Math.sin(angle)} L${110 + 92 * Math.cos(angle + 0.26)} ${110 + 92 * Math.sin(angle + 0.26)}`}
              />
            );
          })}
        </svg>
      </header>
      <main className="welcome-form">
        <Box w="100%" maw={400}>
          <Title order={1} mb={4}>
            {title}
          </Title>
          <Text c="dimmed" mb="lg">
            {about}
          </Text>
          <form onSubmit={onSubmit}>
            <Stack>
              {refused && (
                <Alert color="red" role="alert">
                  {refused}
                </Alert>
              )}
              {children}
              <Button type="submit" loading={pending} disabled={disabled} size="md">
                {label}
              </Button>
              {after && (
                <Text size="sm" c="dimmed">
                  {after}
                </Text>
              )}
            </Stack>
          </form>
        </Box>
      </main>
    </div>
  );
}
