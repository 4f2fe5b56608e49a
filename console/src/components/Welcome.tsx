// The frame of the pages before the sign-in: what Dundun is on one side, the form on the other.
import { Box, Stack, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { Brand } from './Brand';

export function Welcome({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
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
          {about && (
            <Text c="dimmed" mb="lg">
              {about}
            </Text>
          )}
          {children}
        </Box>
      </main>
    </div>
  );
}
