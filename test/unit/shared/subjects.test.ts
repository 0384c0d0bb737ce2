import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NO_SUBJECTS,
  pathStyle,
  readsSecrets,
  registryPath,
  SUBJECT_LIMITS,
  subjects,
} from '../../../shared/device/subjects.ts';

const accepts = (given: unknown): boolean => subjects.safeParse(given).success;
const file = (path: string, more: object = {}) => ({ files: [{ id: 'a', path, ...more }] });
const value = (key: string, name: string, more: object = {}) => ({
  registry: [{ id: 'a', key, name, kind: 'numeric', ...more }],
});

describe('what an administrator may ask about', () => {
  it('is nothing at first', () => {
    expect(subjects.parse({})).toEqual(NO_SUBJECTS);
  });

  it('has a name for each that is its own', () => {
    const one = { id: 'a', name: 'sshd' };
    expect(accepts({ processes: [one, { ...one, id: 'b' }] })).toBe(true);
    expect(accepts({ processes: [one, one] })).toBe(false);
    expect(accepts({ processes: [{ ...one, id: 'A.b' }] })).toBe(false);
  });

  it.each(Object.entries(SUBJECT_LIMITS))('is bounded: %s', (list, most) => {
    const example: Record<string, object> = {
      files: { path: '/opt/x' },
      processes: { name: 'x' },
      services: { name: 'x' },
      registry: { key: 'HKLM\\SOFTWARE\\X', name: 'x', kind: 'text' },
      certificates: { issuer: 'x' },
      apps: { name: 'x' },
    };
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ id: `n${at}`, ...example[list] }));
    expect(accepts({ [list]: many(most) })).toBe(true);
    expect(accepts({ [list]: many(most + 1) })).toBe(false);
  });

  it('does not pass over a member it does not know', () => {
    expect(accepts({ procs: [] })).toBe(false);
    expect(accepts(file('/opt/x', { hsah: 'md5' }))).toBe(false);
  });
});

describe('a file asked about', () => {
  it.each([
    'C:\\Program Files\\Contoso\\agent.exe',
    'D:\\Tools\\a b\\c.dll',
    '/Library/Application Support/Contoso/agent',
    '/opt/contoso/etc/agent.conf',
    '/etc/os-release',
  ])('may be %s', path => {
    expect(accepts(file(path))).toBe(true);
  });

  it.each([
    'agent.exe',
    'C:agent.exe',
    '..\\x',
    'C:\\a\\..\\b',
    'C:\\a\\.',
    'C:\\a\\*.exe',
    'C:\\PROGRA~1\\x',
    'C:\\x:stream',
    'C:\\x.',
    'C:\\x ',
    'C:\\CON',
    'C:\\a\\\\b',
    '\\\\server\\share\\x',
    '\\\\?\\C:\\x',
    '\\\\.\\PhysicalDrive0',
    'C:/x',
    '/a/../etc/passwd',
    '/a//b',
    '/a/./b',
    '/a/*',
    '/a/',
    '/',
    '~/x',
    '%ProgramFiles%\\x',
    'file:///x',
    '/a\nb',
    '/a\u0000b',
    '',
  ])('is not %j, which is not what it seems', path => {
    expect(accepts(file(path))).toBe(false);
  });

  it.each([
    'C:\\Windows\\System32\\config\\SAM',
    'C:\\WINDOWS\\system32\\CONFIG\\RegBack\\SECURITY',
    'C:\\Windows\\NTDS\\ntds.dit',
    'C:\\pagefile.sys',
    'C:\\hiberfil.sys',
    'C:\\Users\\alex\\NTUSER.DAT',
    'C:\\Users\\alex\\AppData\\Roaming\\Microsoft\\Protect\\key',
    'C:\\Users\\alex\\AppData\\Local\\Microsoft\\Credentials\\1',
    'C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\1',
    'C:\\ProgramData\\Microsoft\\Wlansvc\\Profiles\\Interfaces\\x.xml',
    'C:\\Users\\alex\\AppData\\Local\\Google\\Chrome\\User Data\\Default\\Login Data',
    'C:\\Users\\alex\\AppData\\Roaming\\Mozilla\\Firefox\\Profiles\\x\\prefs.js',
    'C:\\Users\\alex\\vault.KDBX',
    'C:\\cert.pfx',
    '/etc/shadow',
    '/etc/shadow-',
    '/etc/gshadow',
    '/etc/sudoers.d/admins',
    '/etc/ssl/private/server.pem',
    '/etc/NetworkManager/system-connections/Home.nmconnection',
    '/etc/wireguard/wg0.conf',
    '/etc/krb5.keytab',
    '/etc/ssh/ssh_host_ed25519_key',
    '/root/.ssh/authorized_keys',
    '/home/alex/.gnupg/trustdb.gpg',
    '/home/alex/.aws/credentials',
    '/home/alex/.bash_history',
    '/home/alex/.netrc',
    '/home/alex/.mozilla/firefox/x.default/logins.json',
    '/home/alex/.config/google-chrome/Default/Cookies',
    '/Users/sam/Library/Keychains/login.keychain-db',
    '/Library/Keychains/System.keychain',
    '/private/etc/kcpassword',
    '/var/db/dslocal/nodes/Default/users/sam.plist',
    '/Users/sam/Library/Application Support/Google/Chrome/Default/History',
    '/proc/1/environ',
    '/sys/kernel/x',
    '/dev/sda',
    '/home/alex/id.key',
    '/Users/sam/Library/\u212Aeychain\u017F/login',
    '/Users/sam/Library/\uFF2Beychains/login',
  ])('is never %s', path => {
    expect(accepts(file(path))).toBe(false);
    // Neither by another spelling of the same name.
    expect(accepts(file(path.toUpperCase()))).toBe(false);
  });

  it('keeps its eyes from secrets whatever folder they are moved to', () => {
    const folder = fc
      .array(fc.constantFrom('a', 'B c', 'home', 'Users', 'x.y'), { maxLength: 5 })
      .map(names => names.map(name => `/${name}`).join(''));
    const secret = fc.constantFrom(
      '.ssh/id_rsa',
      'login.keychain',
      'Login Data',
      'key4.db',
      'a.p12',
      '.netrc',
    );
    fc.assert(
      fc.property(folder, secret, (where, name) => {
        expect(readsSecrets(`${where}/${name}`)).toBe(true);
        expect(readsSecrets(`C:${where}/${name}`.replaceAll('/', '\\'))).toBe(true);
      }),
    );
  });

  it('fits the system it is said to be for', () => {
    expect(accepts(file('/opt/x', { platform: 'linux' }))).toBe(true);
    expect(accepts(file('/opt/x', { platform: 'windows' }))).toBe(false);
    expect(accepts(file('C:\\x', { platform: 'macos' }))).toBe(false);
  });

  it('is absolute and plain for any text that is accepted', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), text => {
        if (!accepts(file(text))) return;
        expect(pathStyle(text)).not.toBeNull();
        expect(text).not.toMatch(/\.\.|^\\\\|[*?]|\/\/|\p{C}/u);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a service or process asked about', () => {
  it('is a name and no option or path', () => {
    const service = (name: string) => accepts({ services: [{ id: 'a', name }] });
    for (const name of [
      'Spooler',
      'MSSQL$SQLEXPRESS',
      'com.openssh.sshd',
      'ssh@1.service',
      'Bonjour Service',
    ]) {
      expect(service(name), name).toBe(true);
    }
    for (const name of ['-H', '--now', '/x', '../x', 'a;b', 'a"b', 'a\\b', 'a|b', '', ' a']) {
      expect(service(name), name).toBe(false);
    }
    const process = (name: string) => accepts({ processes: [{ id: 'a', name }] });
    expect(process('Citrix Viewer')).toBe(true);
    expect(process('/usr/bin/x')).toBe(false);
    expect(process('C:\\x.exe')).toBe(false);
  });
});

describe('a registry value asked about', () => {
  it.each([
    ['HKLM\\SOFTWARE\\Contoso', 'Version'],
    ['hkey_local_machine\\SYSTEM\\CurrentControlSet\\Control\\Lsa', 'RunAsPPL'],
    ['HKCU\\Control Panel\\Desktop', 'ScreenSaverIsSecure'],
    // A number is a rule about passwords, not one of them.
    ['HKLM\\SYSTEM\\CurrentControlSet\\Services\\Netlogon\\Parameters', 'MaximumPasswordAge'],
  ])('may be %s %s', (key, name) => {
    expect(accepts(value(key, name))).toBe(true);
  });

  it.each([
    ['HKLM\\SAM\\SAM\\Domains', 'V'],
    ['HKLM\\SECURITY\\Policy\\Secrets\\x', 'CurrVal'],
    ['HKEY_LOCAL_MACHINE\\security', 'x'],
    ['HKU\\.DEFAULT\\Software', 'x'],
    ['HKCR\\x', 'x'],
    ['HKLM', 'x'],
    ['HKLM\\', 'x'],
    ['HKLM\\\\SAM', 'x'],
    ['SOFTWARE\\x', 'x'],
    ['HKCU\\Software\\SimonTatham\\PuTTY\\Sessions\\x', 'ProxyUsername'],
    ['HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\RunMRU', 'a'],
    ['HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\NetworkList\\Profiles\\x', 'ProfileName'],
    ['HKLM\\SYSTEM\\CurrentControlSet\\Services\\SNMP\\Parameters', 'x'],
    ['HKLM\\SOFTWARE\\x', '/f'],
    ['HKLM\\SOFTWARE\\x', '*'],
    ['HKLM\\SOFTWARE\\x"', 'x'],
  ])('is never %s %s', (key, name) => {
    expect(accepts(value(key, name))).toBe(false);
  });

  it('is no text that is named like a secret', () => {
    const winlogon = 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon';
    for (const name of [
      'DefaultPassword',
      'AltDefaultPassword',
      'ApiKey',
      'client_secret',
      'ProvisioningToken',
    ]) {
      expect(accepts(value(winlogon, name, { kind: 'text' })), name).toBe(false);
    }
    expect(accepts(value(winlogon, 'Shell', { kind: 'text' }))).toBe(true);
  });

  it('on macOS is a preference of a domain or of the machine', () => {
    const mac = (key: string) => accepts(value(key, 'x', { platform: 'macos' }));
    for (const key of ['com.apple.screensaver', '/Library/Preferences/com.apple.SoftwareUpdate']) {
      expect(mac(key), key).toBe(true);
    }
    for (const key of [
      'HKLM\\x',
      '/etc/x',
      '/Library/Preferences/../Keychains/x',
      '/Users/sam/Library/Preferences/x',
      '-g',
      'x',
      '/Library/Preferences/com.apple.wifi.known-networks',
      'com.apple.airport.preferences',
    ]) {
      expect(mac(key), key).toBe(false);
    }
  });

  it('names its hive in one way', () => {
    expect(registryPath('HKEY_LOCAL_MACHINE\\A\\B')).toBe('HKLM\\A\\B');
    expect(registryPath('hkcu\\A')).toBe('HKCU\\A');
    expect(registryPath('HKU\\A')).toBeNull();
    expect(registryPath('')).toBeNull();
  });
});

describe('a program asked about', () => {
  it('may end in one star', () => {
    const app = (name: string) => accepts({ apps: [{ id: 'a', name }] });
    expect(app('Citrix Workspace*')).toBe(true);
    expect(app('*')).toBe(false);
    expect(app('*Workspace')).toBe(false);
    expect(app('a*b*')).toBe(false);
  });
});
