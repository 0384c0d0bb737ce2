import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Document, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { COLLECTOR_FLAGS } from '../../build/node-flags.ts';
import { readSettings, settingsTable } from '../../collector/settings/settings.ts';
import { ROOT } from '../support/child.ts';

const FOLDER = join(ROOT, 'build', 'deploy');

const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** Documents of a YAML file, merge keys (`<<`) resolved as compose does; a malformed one fails the test with its line. */
function documents(name: string): unknown[] {
  const parsed: Document[] = [...parseAllDocuments(read(name), { merge: true })];
  expect(parsed.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  return parsed.map(document => document.toJS() as unknown);
}

const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => relative(FOLDER, join(entry.parentPath, entry.name)));

const SETTINGS = new Map(
  settingsTable()
    .split('\n')
    .flatMap(line => {
      const name = /^\| `(TRAYLINE_\w+)`/.exec(line)?.[1];
      return name === undefined ? [] : [[name, line.includes(' Secret.')] as const];
    }),
);

const compose = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      environment: z.record(z.string(), z.string()).default({}),
      env_file: z.array(z.string()).default([]),
    }),
  ),
});
const deployment = z.object({
  kind: z.literal('Deployment'),
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(
          z.object({
            args: z.array(z.string()),
            env: z.array(
              z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() }),
            ),
          }),
        ),
      }),
    }),
  }),
});

function composed() {
  const [document] = documents('compose.yaml');
  return compose.parse(document).services;
}

function deployed() {
  const found = documents(join('kubernetes', 'collector.yaml')).flatMap(
    document => deployment.safeParse(document).data ?? [],
  );
  const [container] = found[0]?.spec.template.spec.containers ?? [];
  if (container === undefined) throw new Error('no container');
  return container;
}

/** `ENV` and `Environment=` lines. */
function assigned(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^(?:ENV |Environment=)(.+)$/gm)].flatMap(([, line = '']) =>
      line.split(' ').map(part => part.split('=') as [string, string]),
    ),
  );
}

/** Settings of the collector as each way of running it sets them, without those that come from a secret. */
const ways: Readonly<Record<string, () => Record<string, string>>> = {
  compose: () => composed()['collector-1']?.environment ?? {},
  kubernetes: () =>
    Object.fromEntries(
      deployed().env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    ),
  image: () => assigned(read('Containerfile')),
  systemd: () => assigned(read('trayline-collector.service')),
};

describe.each(Object.entries(ways))('settings of %s', (_name, settings) => {
  test('exist, are none of the secret ones, and are ones the collector starts with', () => {
    const own = Object.entries(settings()).filter(([key]) => key.startsWith('TRAYLINE_'));
    expect(own.length).toBeGreaterThan(1);
    for (const [key] of own) expect([key, SETTINGS.get(key)]).toEqual([key, false]);
    const filled = own.map(([key, value]) => [
      key,
      value.replace(/\$\{PUBLIC_NAME[^}]*\}/, 'trayline.example.com'),
    ]);
    expect(() =>
      readSettings({ ...Object.fromEntries(filled), TRAYLINE_STORE: 'mongodb://h/d' }),
    ).not.toThrow();
  });
});

test('every setting that a file names anywhere is one of the collector', () => {
  for (const file of files) {
    for (const [name] of read(file).matchAll(/TRAYLINE_[A-Z_]+/g)) {
      expect([file, name, SETTINGS.has(name)]).toEqual([file, name, true]);
    }
  }
});

test('no file holds a secret, and what does is named as such and kept out of the tree', () => {
  expect(files).not.toEqual([]);
  for (const file of files) {
    expect(file).not.toMatch(/secret|\.key$|\.pem$|\.env$/);
    expect(read(file)).not.toMatch(/PRIVATE KEY|mongodb(\+srv)?:\/\/[^\s@/]+:[^\s@/<]+@/);
  }
  expect(composed()['collector-1']?.env_file).toEqual(['collector.secret.env']);
  expect(deployed().env.find(({ name }) => name === 'TRAYLINE_STORE')?.value).toBeUndefined();
});

test('everywhere the collector gets the flags of Node that it ships with', () => {
  expect(deployed().args).toEqual([...COLLECTOR_FLAGS, 'collector/main.js']);
  const [, entry = '[]'] = /^ENTRYPOINT (.+)$/m.exec(read('Containerfile')) ?? [];
  expect(JSON.parse(entry)).toEqual(['node', ...COLLECTOR_FLAGS, 'collector/main.js']);
  const [, start = ''] = /^ExecStart=(.+)$/m.exec(read('trayline-collector.service')) ?? [];
  expect(start.split(' ').slice(1, -1)).toEqual(COLLECTOR_FLAGS);
});

test('the compose file has two collectors, three members of one replica set and the proxy before them', () => {
  const services = composed();
  const images = Object.values(services).map(({ image }) => image);
  expect(images.filter(image => image === 'trayline-collector')).toHaveLength(2);
  expect(Object.keys(services).filter(name => /^mongo-\d$/.test(name))).toHaveLength(3);
  const proxied = /reverse_proxy (.+) \{/.exec(read(join('proxy', 'Caddyfile')))?.[1]?.split(' ');
  expect(proxied).toEqual(['collector-1:8620', 'collector-2:8620']);
});
