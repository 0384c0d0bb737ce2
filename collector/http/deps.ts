import type { Clock } from '../../shared/base/clock.ts';
import type { Problem } from '../../shared/problem/problem.ts';
import type { Audit } from '../audit/audit.ts';
import type { AgentSettingsFace } from '../fleet/agent-settings.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { HelpLine } from '../fleet/help-line.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Settings } from '../settings/settings.ts';
import type { Store } from '../store/store.ts';
import type { Accounts } from '../sync/accounts.ts';
import type { Records } from '../sync/records.ts';
import type { Lockout } from './lockout.ts';
import type { Passwords } from './password.ts';

/** What the routes stand on. */
export interface RouteDeps {
  readonly settings: Settings;
  readonly store: Store;
  readonly fleet: Fleet;
  readonly agentSettings: AgentSettingsFace;
  readonly help: HelpLine;
  /** Other systems: their accounts, and what becomes of what they say. */
  readonly accounts: Accounts;
  readonly records: Records;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Of the collector, as shown and as written into the OpenAPI document. */
  readonly version: string;
  /** Why this collector takes nobody in at the moment; null: it does. */
  readonly unready: () => Problem | null;
  readonly audit: Audit;
  readonly passwords: Passwords;
  readonly lockout: Lockout;
}
