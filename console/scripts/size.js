// The scripts that every page needs, gzipped, against what they may weigh. A page's own come when it is opened.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const MOST = 250_000;

const folder = new URL('../dist/', import.meta.url);
const page = readFileSync(new URL('index.html', folder), 'utf8');
const scripts = [...page.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(([, path]) => path);
const bytes = scripts.reduce((sum, path) => sum + gzipSync(readFileSync(new URL(path, folder))).length, 0);
console.log(`${scripts.length} scripts at the start, ${Math.round(bytes / 1000)} kB gzipped (at most ${MOST / 1000} kB)`);
if (scripts.length === 0 || bytes > MOST) process.exit(1);
