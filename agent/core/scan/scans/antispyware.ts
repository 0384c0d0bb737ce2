import type { SecurityProducts } from '../../../../shared/device/facts-security.ts';
import { type Answer, outcome, unanswered } from '../answer.ts';
import { windowsProducts } from '../parse/products.ts';
import { defineScan, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

async function read({ platform, probe, round, signal }: ScanContext): Promise<Answer<SecurityProducts>> {
  if (platform !== 'windows') {
    return unanswered('not-applicable', 'only Windows keeps a list of its own for antispyware');
  }
  const rows = await windowsSection(probe, round, 'antispyware', signal);
  return rows.ok ? windowsProducts(rows.value, 'antispyware') : rows;
}

export function antispywareScan() {
  return defineScan({
    id: 'antispyware',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
