// The files that go with a message: chosen among those that are there, or uploaded for it.
import { Button, FileButton, Group, MultiSelect, type MultiSelectProps } from '@mantine/core';
import { IconPaperclip } from '@tabler/icons-react';
import { api } from '../api/client';
import type { Channel } from '../api/schema';
import { bytes, percent } from '../lib/format';
import { useMediaUpload } from './useMediaUpload';

/** How many files a message may carry. */
export const MOST_FILES: Record<Channel, number> = { SMS: 0, WHATSAPP: 1, EMAIL: 10 };

interface Props extends Omit<MultiSelectProps, 'data' | 'value' | 'onChange'> {
  channel: Channel;
  value?: string[];
  onChange?: (ids: string[]) => void;
}

export function MediaPicker({ channel, value = [], onChange, ...rest }: Props) {
  const query = api.useQuery('get', '/api/media', { params: { query: { limit: 100 } } });
  const ready = (query.data?.data ?? []).filter((media) => media.status === 'READY');
  const most = MOST_FILES[channel];
  const { upload, isPending, part } = useMediaUpload(channel, ({ id }) => onChange?.([...value, id].slice(-most)));
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <MultiSelect
        {...rest}
        label="Files"
        description={most === 1 ? 'One picture, film or document' : `Up to ${most}, together at most ${bytes(10 * 1024 * 1024)}`}
        placeholder={value.length ? undefined : 'None'}
        data={ready.map(({ id, fileName, size }) => ({ value: id, label: `${fileName} (${bytes(size ?? 0)})` }))}
        value={value}
        onChange={onChange}
        maxValues={most}
        searchable
        clearable
        hidePickedOptions
        flex={1}
        miw={0}
      />
      <FileButton onChange={(file) => file && upload(file)}>
        {(props) => (
          <Button {...props} variant="default" loading={isPending} loaderProps={{ 'aria-label': percent(part, 1) }} leftSection={<IconPaperclip size={16} aria-hidden />}>
            Upload
          </Button>
        )}
      </FileButton>
    </Group>
  );
}
