// A file straight to the bucket, by the presigned address that the API gave. `XMLHttpRequest`, for `fetch` tells no progress.
import type { Upload } from './schema';

export function put(upload: Upload, file: File, onProgress: (sent: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(upload.method, upload.url);
    Object.entries(upload.headers).forEach(([name, value]) => request.setRequestHeader(name, value));
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new Error(`The file was not taken (${request.status}). Begin again.`));
    request.onerror = () => reject(new Error('The upload was cut off. Check the connection and try again.'));
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
