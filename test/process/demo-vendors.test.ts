import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { newDeviceKey } from '../../agent/core/identity/key.ts';
import { companyOf } from '../../build/demo/company.ts';
import { DEMO_SEED } from '../../build/demo/demo-seed.ts';
import { startDemoVendors } from '../../build/demo/vendors.ts';
import { CONNECTORS } from '../../collector/connect/catalogue.ts';
import { openSqliteStore } from '../../collector/store/sqlite/sqlite-store.ts';
import { deviceSourcesResponse, integrationsResponse } from '../../shared/api/integrations.ts';
import { startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/teardown.ts';

it('every integration of the demo works without an account, is marked as demo, and merges with the fleet', async () => {
  const dataDir = temporaryFolder('demo-vendors');
  const store = await openSqliteStore({ folder: dataDir });
  const { fleet, absent } = companyOf(DEMO_SEED);
  const machines = [...fleet, ...absent];
  for (const { name, identity } of machines) {
    const { publicKey } = newDeviceKey();
    const enrolledAt = Date.now() - 1000;
    await store.addDevice({ id: name, publicKey, enrolledAt, enrolledBy: 'test', demo: true, identity });
  }
  const vendors = await startDemoVendors(store, {
    collectorData: dataDir,
    logFile: join(dataDir, 'vendors.log'),
  });
  onTestFinished(() => vendors.stop());
  await store.close();
  const collector = await startCollector({ dataDir });
  const read = async () => integrationsResponse.parse(await collector.admin.get('/api/v1/integrations'));
  const accounts = async () =>
    (await read()).integrations.flatMap(one =>
      one.accounts.map(account => ({ connector: one.id, ...account })),
    );
  const states = async () => (await accounts()).map(({ connector, state }) => `${connector} ${state}`);
  for (const { id } of CONNECTORS)
    await collector.admin.post(`/api/v1/integrations/${id}/accounts/demo/test`).catch(() => null);

  let last: string[] = [];
  await eventually(
    async () => {
      last = await states();
      return last.length === CONNECTORS.length && last.every(state => state.endsWith(' configured'));
    },
    { what: 'every account works', withinMs: 90_000, state: () => last },
  );
  expect((await accounts()).every(({ demo, label }) => demo && label === 'Demo')).toBe(true);
  await eventually(async () => (await read()).devices.joined > 40, {
    what: 'most machines are known elsewhere too',
    withinMs: 90_000,
  });
  const devices = await collector.admin.devices();
  const lone = devices.filter(({ noAgent }) => noAgent === true);
  expect(lone.map(({ name }) => name).sort()).toEqual([
    'SPARE-LT-901',
    'SPARE-LT-902',
    'SPARE-LT-903',
    'SPARE-MB-950',
  ]);
  expect(lone.every(({ demo }) => demo)).toBe(true);

  const several = machines.find(({ plot }) => plot === 'disk-filling-now')?.name ?? '';
  const sources = deviceSourcesResponse.parse(
    await collector.admin.get(`/api/v1/devices/${several}/sources`),
  );
  expect(new Set(sources.members.map(({ record }) => record?.source))).toEqual(
    new Set([undefined, 'intune', 'entra', 'crowdstrike']),
  );
  expect(sources.contradictions.map(({ rule }) => rule)).toContain('ownership-differs');
  await collector.stop();
});
