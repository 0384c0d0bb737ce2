import type { Defender } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, outcome } from '../answer.ts';
import { readMdatp } from '../facts/edr.ts';
import { mdatpDefender, windowsDefender } from '../parse/products.ts';
import { factsOf } from '../parse/told.ts';
import { defineScan, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

async function read({ platform, probe, round, clock, signal }: ScanContext): Promise<Answer<Defender>> {
  if (platform === 'windows') {
    const rows = await windowsSection(probe, round, 'defender', signal);
    return rows.ok ? windowsDefender(rows.value, clock.now()) : rows;
  }
  const ran = await probe.command('mdatp', ['health', '--output', 'json'], { timeoutMs: 8000, signal });
  if (!ran.ok) return ran;
  const facts = factsOf(readMdatp, 'mdatp', ran.stdout, 'edr');
  return facts.ok ? answered(mdatpDefender(facts.value, clock.now())) : facts;
}

export function avDefenderScan() {
  return defineScan({
    id: 'av.defender',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
