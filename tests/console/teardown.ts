// Takes the data folder of the run away.
import { rmSync } from 'node:fs';

export default () => rmSync(process.env.DUNDUN_TEST_DATA!, { recursive: true, force: true });
