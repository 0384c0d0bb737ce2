import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { VERSION as AGENT } from '../../agent/service/version.ts';
import { VERSION as COLLECTOR } from '../../collector/version.ts';

it('agent and collector say the version that package.json has', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));
  expect([AGENT, COLLECTOR]).toEqual([version, version]);
});
