// Uploading a file for messages: straight to the bucket, then until it has been looked at.
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { changed, data, fetcher } from '../api/client';
import type { Channel, Media } from '../api/schema';
import { put } from '../api/upload';

/** Milliseconds between two looks at a file that is being looked at, and how often. */
const LOOK = 400;
const LOOKS = 75;

async function looked(id: string): Promise<Media> {
  for (let look = 0; look < LOOKS; look += 1) {
    const media = await data(fetcher.GET('/api/media/{id}', { params: { path: { id } } }));
    if (media.status === 'READY') return media;
    if (media.status === 'REJECTED') throw new Error(media.error?.detail ?? 'The file was not taken.');
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  throw new Error('The file is still being looked at. It shows under Files when that is done.');
}

/** `part` is how much of it has been sent, 0 to 1. */
export function useMediaUpload(channel: Channel | null, onReady?: (media: Media) => void) {
  const [part, setPart] = useState(0);
  const upload = useMutation({
    mutationFn: async (file: File) => {
      setPart(0);
      // Browsers know no type for some files; their name does.
      const contentType = file.type || (file.name.endsWith('.csv') ? 'text/csv' : 'application/octet-stream');
      const begun = await data(fetcher.POST('/api/media', { body: { fileName: file.name, contentType, channel } }));
      if (!begun.upload) throw new Error('The server gave no address for the file.');
      await put(begun.upload, file, (sent) => setPart(sent / Math.max(file.size, 1)), new AbortController().signal);
      return looked(begun.id);
    },
    onSuccess: (media) => {
      void changed('media');
      onReady?.(media);
    },
  });
  return { upload: upload.mutate, isPending: upload.isPending, part };
}
