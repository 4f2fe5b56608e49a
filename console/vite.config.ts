// How the console is built. `npm run dev` passes /api on to a program that runs beside it.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  build: {
    // The files of a page that is open while a new version is deployed stay valid for as long as caches keep them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  // The table of look-alike characters is the server's own.
  server: { proxy: { '/api': process.env.DUNDUN_API ?? 'http://127.0.0.1:4000' }, fs: { allow: ['.', '../shared/domain/tables'] } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
