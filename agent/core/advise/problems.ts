import type { z } from 'zod';
import { DAY } from '../../../shared/base/durations.ts';
import {
  battery,
  diskEncryption,
  diskFree,
  diskHealth,
  firewall,
  osSupport,
  rebootPending,
  type ScanId,
  uptime as uptimeValue,
} from '../../../shared/device/facts.ts';
import type { Findings } from '../../../shared/device/finding.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import type { ActionId } from '../action/action.ts';

/** A sentence: a key of shared/text with what to put into it. */
export interface Saying {
  readonly key: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** Something a check found that needs a person. What it is called is said with the very words of the score's reasons. */
export interface DeviceProblem {
  /** Stable for as long as the problem lasts. */
  readonly id: string;
  readonly what: Saying;
  readonly why: Saying;
  readonly steps: readonly Saying[];
  /** Checks that will notice when it is solved. */
  readonly checks: readonly ScanId[];
  /** When it begins to hurt, milliseconds since 1970; null: no date is set. */
  readonly by: number | null;
  readonly who: 'you' | 'helpdesk';
  /** The change of the device that solves it; null: none that this agent can make. */
  readonly action: ActionId | null;
  /** Order of the list: the larger, the sooner. */
  readonly weight: number;
}

/*
 * From these levels on a person is told. The first two are those from which the score takes points (disk: 10 % and 25 GiB,
 * both; support: 60 days); a worn battery and a long time without a restart are told where they begin to be felt.
 */
const DISK_PERCENT = 10;
const DISK_GIB = 25;
const SUPPORT_DAYS = 60;
const BATTERY_PERCENT = 60;
const UPTIME_DAYS = 30;

const GIB = 1024 ** 3;

/**
 * What the checks found, as problems in words, the most pressing first. Pure. A check without a value makes no problem: could
 * not tell is not a fault of the person's.
 */
export function problemsOf(findings: Findings, platform: Platform, now: number): DeviceProblem[] {
  const problems: DeviceProblem[] = [];
  const add = (
    id: string,
    weight: number,
    what: Saying,
    why: string,
    steps: readonly string[],
    checks: readonly ScanId[],
    rest: Partial<Pick<DeviceProblem, 'by' | 'who' | 'action'>> = {},
  ): void => {
    problems.push({
      id,
      weight,
      what,
      why: say(why),
      steps: steps.map(step => say(step)),
      checks,
      by: rest.by ?? null,
      who: rest.who ?? 'you',
      action: rest.action ?? null,
    });
  };

  const support = told(findings, 'os.support', osSupport);
  if (support !== null) {
    const date = support.supportEnd;
    const end = date === null ? Number.NaN : Date.parse(`${date}T00:00:00Z`) + DAY;
    const days = Math.ceil((end - now) / DAY);
    const steps = [
      `desk.support.step.${platform}`,
      ...(platform === 'linux' ? [] : ['desk.support.step.helpdesk']),
    ];
    if (!support.supported) {
      const what = say('score.compliance.support-ended', { name: support.label, date: date ?? '?' });
      add('support-ended', 90, what, 'desk.support.why.ended', steps, ['os.support', 'os.version']);
    } else if (date !== null && Number.isFinite(days) && days <= SUPPORT_DAYS) {
      const what = say('score.compliance.support-ending', {
        name: support.label,
        date,
        days: Math.max(0, days),
      });
      add(
        'support-ending',
        days <= 14 ? 60 : 30,
        what,
        'desk.support.why.ending',
        steps,
        ['os.support', 'os.version'],
        {
          by: end,
        },
      );
    }
  }

  const encryption = told(findings, 'disk.encryption', diskEncryption);
  if (encryption !== null) {
    const { systemVolume, volumes } = encryption;
    const mount = volumes.find(({ system }) => system)?.mount ?? (platform === 'windows' ? 'C:' : '/');
    if (systemVolume === 'off' || systemVolume === 'decrypting') {
      const steps = [
        `desk.encryption.step.${platform}`,
        ...(platform === 'linux' ? [] : ['desk.encryption.step.go-on']),
      ];
      add(
        'encryption-off',
        80,
        say('score.compliance.encryption-off', { mount }),
        'desk.encryption.why',
        steps,
        ['disk.encryption'],
        {
          who: platform === 'linux' ? 'helpdesk' : 'you',
        },
      );
    } else if (systemVolume === 'suspended') {
      const what = say('score.compliance.encryption-suspended', { mount });
      add(
        'encryption-suspended',
        65,
        what,
        'desk.encryption.why',
        ['desk.encryption.step.resume'],
        ['disk.encryption'],
      );
    }
  }

  if (told(findings, 'fw.enabled', firewall)?.enabled === false) {
    const steps = [
      `desk.firewall.step.${platform}`,
      ...(platform === 'linux' ? [] : ['desk.firewall.step.managed']),
    ];
    const what = say('score.compliance.firewall-off');
    add('firewall-off', 75, what, 'desk.firewall.why', steps, ['fw.enabled'], { action: 'turn-on-firewall' });
  }

  const drives = told(findings, 'disk.health', diskHealth)?.disks ?? [];
  const failing = drives.find(({ health }) => health === 'unhealthy');
  const warning = drives.find(({ health }) => health === 'warning');
  if (failing !== undefined) {
    const what = say('score.drive.unhealthy', { device: failing.model ?? failing.device });
    const steps = ['desk.drive.step.save', 'desk.drive.step.helpdesk'];
    add('drive-failing', 100, what, 'desk.drive.why', steps, ['disk.health'], { who: 'helpdesk' });
  } else if (warning !== undefined) {
    const what = say('score.drive.warning', { device: warning.model ?? warning.device });
    const steps = ['desk.drive.step.save', 'desk.drive.step.watch'];
    add('drive-warning', 70, what, 'desk.drive.why', steps, ['disk.health'], { who: 'helpdesk' });
  }

  const disk = told(findings, 'disk.free', diskFree)?.volumes.find(({ system }) => system);
  if (disk !== undefined && disk.sizeBytes > 0) {
    const percent = (100 * disk.freeBytes) / disk.sizeBytes;
    const gib = disk.freeBytes / GIB;
    if (percent < DISK_PERCENT && gib < DISK_GIB) {
      const what = say('score.disk.full', { percent: Math.round(percent), gib: Math.round(gib * 10) / 10 });
      const steps = ['desk.disk.step.bin', `desk.disk.step.${platform}`, 'desk.disk.step.downloads'];
      add('disk-full', percent < 2 ? 85 : 50, what, 'desk.disk.why', steps, ['disk.free']);
    }
  }

  const uptime = told(findings, 'uptime', uptimeValue);
  const days = uptime === null ? 0 : Math.floor(uptime.seconds / 86_400);
  const restartSteps = ['desk.restart.step.save', 'desk.restart.step.restart'];
  if (told(findings, 'reboot.pending', rebootPending)?.pending === true) {
    const checks: readonly ScanId[] = ['reboot.pending', 'uptime'];
    add('restart-waiting', 40, say('score.incident.reboot'), 'desk.restart.why', restartSteps, checks, {
      action: 'restart',
    });
  } else if (days > UPTIME_DAYS) {
    const what = say('score.incident.uptime', { days });
    add('uptime-long', 20, what, 'desk.uptime.why', restartSteps, ['uptime'], {
      action: 'restart',
    });
  }

  const health = told(findings, 'battery', battery)?.healthPercent ?? null;
  if (health !== null && health < BATTERY_PERCENT) {
    const what = say('score.battery.worn', { percent: Math.round(health) });
    const steps = ['desk.battery.step.mains', 'desk.battery.step.helpdesk'];
    add('battery-worn', 25, what, 'desk.battery.why', steps, ['battery'], { who: 'helpdesk' });
  }
  return problems.sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
}

function say(key: string, params: Saying['params'] = {}): Saying {
  return { key, params };
}

/** A check's value, or null where there is none or it does not fit its schema. */
function told<Value>(findings: Findings, id: ScanId, schema: z.ZodType<Value>): Value | null {
  const finding = findings[id];
  if (finding?.status !== 'ok') return null;
  const parsed = schema.safeParse(finding.value);
  return parsed.success ? parsed.data : null;
}
