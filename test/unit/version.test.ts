import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { VERSION as agentVersion } from '../../agent/service/version.ts';
import { VERSION as collectorVersion } from '../../collector/version.ts';

it('agent and collector say the version that package.json has', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect([agentVersion, collectorVersion].map(version => ({ version }))).toEqual([
    expect.objectContaining({ version: (manifest as { version: string }).version }),
    expect.objectContaining({ version: (manifest as { version: string }).version }),
  ]);
});
