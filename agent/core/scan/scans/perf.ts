import type { Perf } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { parseBlockStorage, parseNetstat, parseVmStat } from '../parse/macos.ts';
import { parseInterfaceBytes } from '../parse/netstat-windows.ts';
import { parseCpuTimes, parseDiskStats, parseMemory, parseNetDev } from '../parse/proc.ts';
import { NO_RATES, type Rates, type Reading, ratesBetween } from '../parse/rates.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';

interface Load {
  readonly reading: Reading;
  readonly memoryTotalBytes: number;
  readonly memoryUsedBytes: number | null;
}

async function linux({ probe, clock }: ScanContext): Promise<Answer<Load>> {
  const memoryFile = await probe.readFile('/proc/meminfo');
  if (!memoryFile.ok) return memoryFile;
  const memory = parseMemory(memoryFile.value);
  if (memory === null) return unanswered('parse-error', '/proc/meminfo');
  const stat = await probe.readFile('/proc/stat');
  const net = await probe.readFile('/proc/net/dev');
  const disk = await probe.readFile('/proc/diskstats');
  return answered({
    reading: {
      at: clock.monotonic(),
      cpu: stat.ok ? parseCpuTimes(stat.value) : null,
      net: net.ok ? parseNetDev(net.value) : null,
      disk: disk.ok ? parseDiskStats(disk.value) : null,
    },
    memoryTotalBytes: memory.totalBytes,
    memoryUsedBytes:
      memory.availableBytes === null ? null : Math.max(0, memory.totalBytes - memory.availableBytes),
  });
}

/**
 * Processor and memory from the runtime (no program started). Network bytes from `netstat -e`; Windows tells disk rates only
 * through performance counters that cost more than a reading every second may, so they stay unknown.
 */
async function windows({ probe, clock, signal }: ScanContext): Promise<Answer<Load>> {
  const { memoryTotalBytes, memoryFreeBytes, cpu } = probe.facts();
  if (memoryTotalBytes === null) return unanswered('other', 'memory is not known');
  const net = await probe.command('netstat', ['-e'], { timeoutMs: 3000, signal });
  const bytes = net.ok ? parseInterfaceBytes(net.stdout) : null;
  return answered({
    reading: {
      at: clock.monotonic(),
      cpu: cpu === null ? null : { busy: cpu.busyMs, total: cpu.totalMs },
      net: bytes === null ? null : new Map([['all', bytes]]),
      disk: null,
    },
    memoryTotalBytes,
    memoryUsedBytes: memoryFreeBytes === null ? null : Math.max(0, memoryTotalBytes - memoryFreeBytes),
  });
}

async function macos({ probe, clock, signal }: ScanContext): Promise<Answer<Load>> {
  const { memoryTotalBytes, cpu } = probe.facts();
  if (memoryTotalBytes === null) return unanswered('other', 'memory is not known');
  const [memory, net, disk] = await Promise.all([
    probe.command('vm_stat', [], { timeoutMs: 3000, signal }),
    probe.command('netstat', ['-ibn'], { timeoutMs: 3000, signal }),
    probe.command('ioreg', ['-c', 'IOBlockStorageDriver', '-r', '-w0', '-d1'], { timeoutMs: 3000, signal }),
  ]);
  const available = memory.ok ? parseVmStat(memory.stdout) : null;
  return answered({
    reading: {
      at: clock.monotonic(),
      cpu: cpu === null ? null : { busy: cpu.busyMs, total: cpu.totalMs },
      net: net.ok ? parseNetstat(net.stdout) : null,
      disk: disk.ok ? parseBlockStorage(disk.stdout) : null,
    },
    memoryTotalBytes,
    memoryUsedBytes: available === null ? null : Math.max(0, memoryTotalBytes - available),
  });
}

const read = perPlatform({ windows, macos, linux });

/** Two readings closer than this say nothing about a rate (the kernel counts in hundredths): the last rates stand. */
const SHORTEST_MS = 200;

/** Remembers the reading before; the first one has no rates, and nothing waits for a second. */
export function perfScan() {
  let before: Reading | null = null;
  let rates: Rates = NO_RATES;
  return defineScan({
    id: 'perf',
    timeoutMs: 5000,
    async run(context) {
      const load = await read(context);
      if (!load.ok) return outcome(load);
      const { reading, memoryTotalBytes, memoryUsedBytes } = load.value;
      if (before === null) before = reading;
      else if (reading.at - before.at >= SHORTEST_MS) {
        rates = ratesBetween(before, reading);
        before = reading;
      }
      const value: Perf = { memoryTotalBytes, memoryUsedBytes, ...rates };
      return { status: 'ok', value };
    },
    significant: () => null,
  });
}
