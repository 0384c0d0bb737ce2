import type { SecurityProducts } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, outcome, type Unanswered, unanswered } from '../answer.ts';
import type { ProgramName } from '../command.ts';
import { decode } from '../decode.ts';
import type { Reader } from '../facts/answer.ts';
import { readBduitool, readCytool, readMdatp, readSentinelctl } from '../facts/edr.ts';
import { isDict, parsePlist } from '../parse/plist.ts';
import {
  defenderProduct,
  judgeProducts,
  parseXprotectStatus,
  parseXprotectVersion,
  productOf,
  type SecurityProduct,
  windowsDefender,
  windowsProducts,
} from '../parse/products.ts';
import { textIn } from '../parse/rows.ts';
import { factsOf } from '../parse/told.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';
import { readFalcon } from './edr-falcon.ts';

/** The Security Center of Windows clients; servers have none, but may have Defender. */
async function windows({ probe, round, clock, signal }: ScanContext): Promise<Answer<SecurityProducts>> {
  const rows = await windowsSection(probe, round, 'antivirus', signal);
  const listed = rows.ok ? windowsProducts(rows.value, 'antivirus') : rows;
  if (listed.ok) return listed;
  const status = await windowsSection(probe, round, 'defender', signal);
  const defender = status.ok ? windowsDefender(status.value, clock.now()) : status;
  const product = defender.ok ? defenderProduct(defender.value) : null;
  return product === null ? listed : answered(judgeProducts([product]));
}

interface Tool {
  readonly program: ProgramName;
  readonly args: readonly string[];
  readonly read: Reader;
  readonly name: string;
}

/** Vendors' own tools, which tell more than that a process runs. What they need root for, they refuse. */
const TOOLS: readonly Tool[] = [
  {
    program: 'mdatp',
    args: ['health', '--output', 'json'],
    read: readMdatp,
    name: 'Microsoft Defender for Endpoint',
  },
  { program: 'sentinelctl', args: ['status'], read: readSentinelctl, name: 'SentinelOne' },
  { program: 'cytool', args: ['runtime', 'query'], read: readCytool, name: 'Cortex XDR' },
  { program: 'bduitool', args: ['get', 'ps'], read: readBduitool, name: 'Bitdefender GravityZone' },
];

/** What a vendor's tool says of its product; null where there is neither. */
interface Found {
  readonly product: SecurityProduct;
  /** The tool is there and could not be asked at all. */
  readonly unasked: Unanswered | null;
}

/** A product whose tool is not there is not installed; one whose tool does not answer is there and tells nothing. */
async function toolProduct({ probe, signal }: ScanContext, tool: Tool): Promise<Found | null> {
  const ran = await probe.command(tool.program, tool.args, { timeoutMs: 8000, signal });
  if (!ran.ok && (ran.reason === 'not-installed' || ran.reason === 'other')) return null;
  const facts = ran.ok ? factsOf(tool.read, tool.program, ran.stdout, 'edr') : ran;
  return {
    product: productOf(facts.ok ? facts.value : { product: tool.name }),
    unasked: ran.ok ? null : unanswered(ran.reason, ran.detail ?? tool.program),
  };
}

/** The products that vendors' tools tell of; no answer when there are such tools and none may be asked. */
async function vendors(context: ScanContext): Promise<Answer<SecurityProduct[]>> {
  const tools = await Promise.all(TOOLS.map(tool => toolProduct(context, tool)));
  const found = tools.filter(one => one !== null);
  const falcon = await readFalcon(context);
  const products = found.map(one => one.product);
  if (falcon.ok && falcon.value.installed)
    products.push(productOf({ ...falcon.value, product: 'CrowdStrike Falcon' }));
  const unasked = found.find(one => one.unasked !== null)?.unasked ?? null;
  return unasked !== null && products.length === found.length && found.every(one => one.unasked !== null)
    ? unasked
    : answered(products);
}

async function linux(context: ScanContext): Promise<Answer<SecurityProducts>> {
  const products = await vendors(context);
  if (!products.ok) return products;
  return products.value.length > 0
    ? answered(judgeProducts(products.value))
    : unanswered('not-installed', 'none of the products this check knows');
}

const XPROTECT = '/Library/Apple/System/Library/CoreServices/XProtect.bundle/Contents/Info.plist';

/** What macOS brings along. Since macOS 15 a tool tells version and state; before, only the version can be read. */
async function xprotect({ probe, signal }: ScanContext): Promise<SecurityProduct | null> {
  const product = {
    name: 'XProtect',
    state: 'unknown' as const,
    signatures: 'unknown' as const,
    builtIn: true,
  };
  const version = await probe.command('xprotect', ['version'], { signal });
  const told = version.ok ? parseXprotectVersion(version.stdout) : null;
  if (told !== null) {
    const status = await probe.command('xprotect', ['status'], { signal });
    const on = status.ok ? parseXprotectStatus(status.stdout) : null;
    return {
      ...product,
      state: on === true ? 'on' : on === false ? 'off' : 'unknown',
      signaturesAt: told.installedAt,
      version: told.version,
    };
  }
  const ran = await probe.command('plutil', ['-convert', 'xml1', '-o', '-', XPROTECT], { signal });
  const plist = ran.ok && ran.code === 0 ? parsePlist(decode(ran.stdout)) : undefined;
  const short = isDict(plist) ? textIn(plist, 'CFBundleShortVersionString') : null;
  return short === null ? null : { ...product, signaturesAt: null, version: short };
}

async function macos(context: ScanContext): Promise<Answer<SecurityProducts>> {
  const [others, own] = await Promise.all([vendors(context), xprotect(context)]);
  if (own === null && !others.ok) return others;
  const products = [...(others.ok ? others.value : []), ...(own === null ? [] : [own])];
  return products.length > 0
    ? answered(judgeProducts(products))
    : unanswered('no-output', 'not even XProtect answers');
}

const read = perPlatform({ windows, macos, linux });

export function avProductsScan() {
  return defineScan({
    id: 'av.products',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
