import { describe, expect, it } from 'vitest';
import { parseCommandOf, parseRecordings } from '../../../agent/service/parse-command.ts';
import { fixture } from '../scan/support.ts';
import { TODAY } from './support.ts';

function printed(args: readonly string[]): unknown[] {
  const command = parseCommandOf(args);
  const found: unknown[] = [];
  if (command !== null) parseRecordings(command, TODAY, line => found.push(JSON.parse(line)));
  return found;
}

describe('parse', () => {
  it('prints one line for every file of a folder, with facts or a reason', () => {
    const all = printed([fixture('parse')]);
    expect(all.length).toBeGreaterThan(15);
    expect(all).toContainEqual({ file: 'mdatp-health-number.json', unknown: 'parse-error' });
    expect(all).toContainEqual({
      file: 'ufw-status-off.txt',
      family: 'firewall',
      facts: expect.objectContaining({ product: 'ufw', running: false }),
    });
  });

  it('takes the command from the line where the name of the file does not tell', () => {
    const path = fixture('mac-laptop/cmd/fdesetup.out');
    expect(printed(['--command', 'fdesetup', path])).toMatchObject([{ family: 'diskEncryption' }]);
    expect(printed(['--command=ufw', path])).toEqual([{ file: 'fdesetup.out', unknown: 'parse-error' }]);
  });

  it('refuses a line without a file and options it does not know', () => {
    expect([[], ['--command'], ['--what', 'x'], ['--command', 'ufw']].map(parseCommandOf)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('reads the same in both byte orders of UTF-16', () => {
    const [le] = printed([fixture('parse/encryptablevolume-suspended.wmi.txt')]);
    const [be] = printed([fixture('parse/encryptablevolume-suspended-be.wmi.txt')]);
    expect(le).toMatchObject({
      facts: { osVolumeProtected: false, volumes: [{ conversion: 'fullyEncrypted' }] },
    });
    expect(be).toMatchObject({
      facts: { osVolumeProtected: false, volumes: [{ conversion: 'fullyEncrypted' }] },
    });
  });
});
