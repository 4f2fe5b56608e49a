// Reads a spreadsheet as one does with SheetJS: parse, put phone numbers right by a regular expression, leave out who
// was there before. Prints what `bench import-read` prints. Arguments: the file, the folder of node_modules.
const [file, modules] = process.argv.slice(2);
const XLSX = require(`${modules}/xlsx`);

const begun = process.hrtime.bigint();
const book = XLSX.readFile(file, { dense: true, raw: true });
const table = XLSX.utils.sheet_to_json(book.Sheets[book.SheetNames[0]], { header: 1, raw: true });
const seen = new Set();
let valid = 0;
let duplicate = 0;
for (const row of table.slice(1)) {
  let phone = String(row[1] ?? "").replace(/[\s().-]/g, "");
  if (/^0\d{9}$/.test(phone)) phone = `+254${phone.slice(1)}`;
  if (!/^\+254\d{9}$/.test(phone)) continue;
  valid += 1;
  if (seen.has(phone)) duplicate += 1;
  seen.add(phone);
}
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
const peak = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ rows: table.length - 1, valid, duplicate, seconds, peak }));
