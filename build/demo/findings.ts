import { scanCatalogue } from '../../agent/core/scan/catalogue.ts';
import { canonicalJson, createScanner, fingerprint } from '../../agent/core/scan/run.ts';
import type { ScanDefinition, Scanner } from '../../agent/core/scan/scan.ts';
import type { Clock } from '../../shared/base/clock.ts';
import type { ScanId } from '../../shared/device/facts.ts';
import type { Finding, Findings } from '../../shared/device/finding.ts';
import { nothingProbe } from './nothing-probe.ts';
import { unit } from './random.ts';
import type { Story } from './story.ts';

/** What a check costs on a real machine, milliseconds: a subprocess on Windows and macOS, a few files on Linux. */
const TYPICAL_MS: Readonly<Partial<Record<ScanId, readonly [windows: number, elsewhere: number]>>> = {
  'os.version': [180, 9],
  'os.support': [180, 9],
  'disk.free': [95, 4],
  'disk.health': [860, 240],
  battery: [140, 60],
  'disk.encryption': [640, 120],
  'fw.enabled': [310, 70],
  uptime: [60, 2],
  'reboot.pending': [120, 20],
  perf: [70, 6],
  'net.mac': [150, 12],
  processes: [130, 35],
  'av.products': [260, 45],
  'av.defender': [620, 45],
  antispyware: [240, 1],
  'boot.secure': [25, 140],
  tpm: [380, 140],
  'os.integrity': [90, 25],
  gatekeeper: [25, 30],
  'screen.lock': [30, 40],
  'password.policy': [310, 60],
  'login.auto': [15, 25],
  'remote.access': [20, 15],
  'edr.falcon': [45, 70],
  'crash.count': [900, 60],
};

/** Where nothing typical is known. */
const USUAL_MS = [100, 20] as const;

/** The cost of one run at `t`: around what is typical, never twice the same. */
function costMs(id: ScanId, { device }: Story, t: number): number {
  const [windows, elsewhere] = TYPICAL_MS[id] ?? USUAL_MS;
  const typical = device.identity.platform === 'windows' ? windows : elsewhere;
  return Math.round(typical * (0.7 + 0.9 * unit(device.seed ^ id.length, Math.floor(t / 1000))) * 10) / 10;
}

/** The agent's own checks with their limits and what they call worth telling; only the answers come from a story. */
function definitionsOf(story: Story): ScanDefinition[] {
  return scanCatalogue().map(definition => scripted(definition, story));
}

function scripted<Id extends ScanId>(definition: ScanDefinition<Id>, story: Story): ScanDefinition<Id> {
  return {
    ...definition,
    async run({ clock }) {
      const t = clock.now();
      await new Promise<void>(resolve => {
        clock.after(costMs(definition.id, story, t), resolve);
      });
      return story.outcome(definition.id, clock.now());
    },
  };
}

/** A scanner whose machine is a story: the real runner over scripted checks. */
export function storyScanner(story: Story, clock: Clock): Scanner {
  const { platform } = story.device.identity;
  return createScanner({ platform, probe: nothingProbe, clock, definitions: definitionsOf(story) });
}

/** Findings of a story at any moment, at once: for telling the past. */
export interface Teller {
  readonly ids: readonly string[];
  /** Every check at `t`. */
  all(t: number): Findings;
  /** Checks whose answer at `t` is another one than when `all` or `changes` was last asked. */
  changes(t: number): Findings;
}

/** The company asks about nothing by name, so the runner does not even start such a check. */
const NOTHING_NAMED = {
  status: 'absent',
  reason: 'not-applicable',
  detail: 'nothing to look for was configured',
} as const;

export function tellerOf(story: Story): Teller {
  const definitions = scanCatalogue();
  const last = new Map<string, string>();
  /** Checks of which nothing is worth telling by itself (load): asked only when everything is. */
  const quiet = new Set<string>();

  function tell<Id extends ScanId>(
    definition: ScanDefinition<Id>,
    t: number,
    evenIfSame: boolean,
  ): Finding | null {
    const { id } = definition;
    if (!evenIfSame && quiet.has(id)) return null;
    const outcome = definition.looksFor === undefined ? story.outcome(id, t) : NOTHING_NAMED;
    const common = { at: Math.round(t), ms: costMs(id, story, t) };
    if (outcome.status !== 'ok') {
      const same = last.get(id) === outcome.reason;
      last.set(id, outcome.reason);
      if (same && !evenIfSame) return null;
      return { ...outcome, ...common, hash: fingerprint(outcome.status, outcome.reason, null) };
    }
    const { value } = outcome;
    const matters = definition.significant === undefined ? value : definition.significant(value);
    if (matters === null) quiet.add(id);
    const text = canonicalJson(matters ?? null);
    const same = last.get(id) === text;
    last.set(id, text);
    if (same && !evenIfSame) return null;
    return { status: 'ok', value, ...common, hash: fingerprint('ok', null, matters) };
  }

  function tellEach(t: number, evenIfSame: boolean): Findings {
    const findings: Findings = {};
    for (const definition of definitions) {
      const finding = tell(definition, t, evenIfSame);
      if (finding !== null) findings[definition.id] = finding;
    }
    return findings;
  }

  return {
    ids: definitions.map(({ id }) => id),
    all: t => tellEach(t, true),
    changes: t => tellEach(t, false),
  };
}
