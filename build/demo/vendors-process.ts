/**
 * The demo's vendors as a process: real HTTP on free loopback ports, filled with the made-up company.
 *
 *     node build/demo/vendors-process.ts [--seed N] [--count N]
 *
 * Prints one JSON line on standard output when all listen: by connector, the settings that reach its vendor. Ends with
 * SIGINT or SIGTERM.
 */
import { parseArgs } from 'node:util';
import { MINUTE } from '../../shared/base/durations.ts';
import { companyOf } from './company.ts';
import { DEMO_SEED } from './demo-seed.ts';
import { FakeCitrix } from './vendors/fake-citrix.ts';
import { FakeFalcon } from './vendors/fake-falcon.ts';
import { FakeIntelligence } from './vendors/fake-intelligence.ts';
import { FakeJamf } from './vendors/fake-jamf.ts';
import { FakeJira } from './vendors/fake-jira.ts';
import { FakeMicrosoft } from './vendors/fake-microsoft.ts';
import { FakeServiceNow } from './vendors/fake-servicenow.ts';
import { FakeVendor } from './vendors/fake-vendor.ts';
import { FakeWorkspaceOne } from './vendors/fake-workspace-one.ts';
import { fillVendors } from './vendors/records.ts';

/** How often what vendors know is made anew: devices go on talking to them. */
const FILL_MS = 10 * MINUTE;

const { values } = parseArgs({
  strict: true,
  options: {
    seed: { type: 'string', default: String(DEMO_SEED) },
    count: { type: 'string', default: '60' },
  },
});
const company = companyOf(Number(values.seed), Number(values.count));
const [microsoft, jamf, falcon, citrix, workspaceOne, intelligence, serviceNow, jira] = await Promise.all([
  FakeMicrosoft.start(),
  FakeJamf.start(),
  FakeFalcon.start(),
  FakeCitrix.start(),
  FakeWorkspaceOne.start(),
  FakeIntelligence.start(),
  FakeServiceNow.start(),
  FakeJira.start(),
]);
microsoft.pageSize = 100;
for (const vendor of FakeVendor.open) vendor.forgets = true;

function fill(): void {
  jamf.computers.length = 0;
  jamf.mobiles.length = 0;
  fillVendors({ microsoft, jamf, falcon, workspaceOne, citrix }, company, Date.now());
}
fill();
const timer = setInterval(fill, FILL_MS);

const settings = {
  intune: microsoft.settings,
  entra: microsoft.settings,
  jamf: jamf.settings,
  crowdstrike: falcon.settings,
  'citrix-endpoint-management': citrix.ownSettings,
  'workspace-one': workspaceOne.settings,
  'workspace-one-intelligence': intelligence.settings,
  servicenow: serviceNow.settings,
  'jira-service-management': jira.settings,
};
const stop = (): void => {
  clearInterval(timer);
  void Promise.all([...FakeVendor.open].map(vendor => vendor.close())).then(() => process.exit(0));
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
process.stdout.write(`${JSON.stringify(settings)}\n`);
