import { z } from 'zod';
import { type Answer, answered, unanswered } from '../answer.ts';
import { decode, lines } from '../decode.ts';

/** `ufw status` in the C locale: on, off, or unknown with a reason. */
export function parseUfwStatus(stdout: Uint8Array): Answer<boolean> {
  if (stdout.length === 0) return unanswered('no-output');
  const status = lines(decode(stdout)).flatMap(line => {
    const match = /^Status: (active|inactive)$/.exec(line);
    return match === null ? [] : [match[1] === 'active'];
  });
  const [first] = status;
  return status.length === 1 && first !== undefined
    ? answered(first)
    : unanswered('parse-error', 'ufw status');
}

/** `ENABLED=yes` of /etc/ufw/ufw.conf, readable by everybody. */
export function parseUfwConf(text: string): Answer<boolean> {
  const word = /^\s*ENABLED\s*=\s*["']?(yes|no)["']?\s*$/im.exec(text)?.[1]?.toLowerCase();
  return word === undefined ? unanswered('parse-error', 'ufw.conf') : answered(word === 'yes');
}

const ruleset = z.object({
  nftables: z.array(
    z.object({
      chain: z
        .object({
          family: z.string(),
          table: z.string(),
          name: z.string(),
          type: z.string().optional(),
          hook: z.string().optional(),
          policy: z.string().optional(),
        })
        .optional(),
      rule: z
        .object({ family: z.string(), table: z.string(), chain: z.string(), expr: z.array(z.unknown()) })
        .optional(),
    }),
  ),
});

function jumpsOf(expr: readonly unknown[]): { stops: boolean; to: string[] } {
  let stops = false;
  const to: string[] = [];
  for (const one of expr) {
    if (typeof one !== 'object' || one === null) continue;
    if ('drop' in one || 'reject' in one) stops = true;
    for (const key of ['jump', 'goto'] as const) {
      const target: unknown =
        key in one ? Object.entries(one).find(([name]) => name === key)?.[1] : undefined;
      if (
        typeof target === 'object' &&
        target !== null &&
        'target' in target &&
        typeof target.target === 'string'
      ) {
        to.push(target.target);
      }
    }
  }
  return { stops, to };
}

/**
 * `nft -j list ruleset` (libnftables-json(5)): is anything that comes in ever refused? True when a chain hooked to `input`
 * drops by policy, or it or a chain it leads to has a rule that drops or rejects. Rules for forwarded packets alone (as
 * container runtimes write them) are no host firewall.
 */
export function parseNftRuleset(stdout: Uint8Array): Answer<boolean> {
  if (stdout.length === 0) return unanswered('no-output');
  let json: unknown;
  try {
    json = JSON.parse(decode(stdout));
  } catch {
    return unanswered('parse-error', 'nft: not JSON');
  }
  const checked = ruleset.safeParse(json);
  if (!checked.success) return unanswered('parse-error', 'nft: not a ruleset');
  const rules = new Map<string, { stops: boolean; to: string[] }[]>();
  const waiting: string[] = [];
  const id = (family: string, table: string, chain: string): string => JSON.stringify([family, table, chain]);
  for (const { chain, rule } of checked.data.nftables) {
    if (chain?.hook === 'input' && (chain.type ?? 'filter') === 'filter') {
      if (chain.policy === 'drop') return answered(true);
      waiting.push(id(chain.family, chain.table, chain.name));
    }
    if (rule !== undefined) {
      const { stops, to } = jumpsOf(rule.expr);
      const key = id(rule.family, rule.table, rule.chain);
      const list = rules.get(key) ?? [];
      list.push({ stops, to: to.map(target => id(rule.family, rule.table, target)) });
      rules.set(key, list);
    }
  }
  const seen = new Set<string>();
  for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop()) {
    if (seen.has(chain)) continue;
    seen.add(chain);
    for (const { stops, to } of rules.get(chain) ?? []) {
      if (stops) return answered(true);
      waiting.push(...to);
    }
  }
  return answered(false);
}

/** `iptables-save`: the same question for the older tables. */
export function parseIptablesSave(stdout: Uint8Array): Answer<boolean> {
  const text = lines(decode(stdout));
  if (!text.some(line => line.startsWith('*'))) {
    // With no table loaded it prints nothing at all, which is an answer: nothing is filtered.
    return text.every(line => line === '' || line.startsWith('#'))
      ? answered(false)
      : unanswered('parse-error', 'iptables-save');
  }
  let table = '';
  const stops = new Set<string>();
  const leads = new Map<string, string[]>();
  for (const line of text) {
    if (line.startsWith('*')) table = line.slice(1);
    if (table !== 'filter') continue;
    if (/^:INPUT (DROP|REJECT)\b/.test(line)) return answered(true);
    const rule = /^-A (\S+)(?: .*)? -[jg] (\S+)/.exec(line);
    const [, chain, target] = rule ?? [];
    if (chain === undefined || target === undefined) continue;
    if (target === 'DROP' || target === 'REJECT') stops.add(chain);
    else leads.set(chain, [...(leads.get(chain) ?? []), target]);
  }
  const waiting = ['INPUT'];
  const seen = new Set<string>();
  for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop()) {
    if (seen.has(chain)) continue;
    seen.add(chain);
    if (stops.has(chain)) return answered(true);
    waiting.push(...(leads.get(chain) ?? []));
  }
  return answered(false);
}

/** `systemctl is-active A B ...`: one word a line in the order asked; null when the answer does not have that shape. */
export function parseActiveUnits<Unit extends string>(
  stdout: Uint8Array,
  units: readonly Unit[],
): Map<Unit, boolean> | null {
  const words = lines(decode(stdout)).filter(line => line !== '');
  if (words.length !== units.length) return null;
  const known = new Map<Unit, boolean>();
  for (const [at, unit] of units.entries()) {
    const word = words[at] ?? '';
    if (!/^(active|reloading|inactive|failed|activating|deactivating|maintenance|unknown)$/.test(word))
      return null;
    known.set(unit, word === 'active' || word === 'reloading');
  }
  return known;
}
