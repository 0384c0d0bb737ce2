import type { Finding, Findings } from '../../../shared/device/finding.ts';
import { delta as deltaSchema, snapshot as snapshotSchema } from '../../../shared/protocol/from-device.ts';
import type { HeldFrame } from '../outbox/outbox.ts';

/** Hash of each finding, by check id. */
export type Hashes = Readonly<Record<string, string>>;

export function hashesOf(findings: Findings): Hashes {
  return Object.fromEntries(Object.entries(findings).map(([id, { hash }]) => [id, hash]));
}

const pendingSnapshot = snapshotSchema.pick({ findings: true });
const pendingDelta = deltaSchema.pick({ findings: true });

/** What the collector will hold once it has taken the frames that still wait, given what it holds now. */
export function afterPending(have: Hashes, pending: readonly HeldFrame[]): Hashes {
  let hashes: Record<string, string> = { ...have };
  for (const { kind, body } of pending) {
    const parsed = (kind === 'snapshot' ? pendingSnapshot : pendingDelta).safeParse(JSON.parse(body));
    if (!parsed.success) continue;
    const told = hashesOf(parsed.data.findings);
    hashes = kind === 'snapshot' ? { ...told } : { ...hashes, ...told };
  }
  return hashes;
}

/** Findings whose hash is not what the other side holds. */
export function changedFrom(told: Hashes, findings: Findings): Findings {
  return Object.fromEntries(Object.entries(findings).filter(([id, { hash }]) => told[id] !== hash));
}

/** A value too large to travel is told as such. */
export function fitting(finding: Finding, maxBytes: number): Finding {
  if (finding.status !== 'ok') return finding;
  if (Buffer.byteLength(JSON.stringify(finding.value) ?? 'null') <= maxBytes) return finding;
  const { at, ms, hash } = finding;
  return { status: 'failed', reason: 'output-too-large', at, ms, hash };
}

/** Findings in as many parts as are needed for each to fit into one frame; at least one, possibly empty. */
export function inParts(findings: Findings, maxBytes: number): Findings[] {
  const parts: Findings[] = [{}];
  let room = maxBytes;
  for (const [id, finding] of Object.entries(findings)) {
    const bytes = Buffer.byteLength(JSON.stringify(finding)) + id.length + 8;
    let part = parts.at(-1);
    if (part === undefined || (bytes > room && Object.keys(part).length > 0)) {
      part = {};
      parts.push(part);
      room = maxBytes;
    }
    part[id] = finding;
    room -= bytes;
  }
  return parts;
}
