import { Button, Modal, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { z } from 'zod';
import type {
  Integration,
  IntegrationAccount,
  IntegrationCheckLine,
  IntegrationSetting,
  integrationTestResponse,
} from '../../../shared/api/integrations.ts';
import { TroubleNote } from '../parts/face.tsx';
import type { Trouble } from '../source/source.ts';
import { useConsole } from '../state/console-state.ts';
import { now } from '../time.ts';
import { CheckLines } from './account-card.tsx';

type Tested = z.infer<typeof integrationTestResponse>;

/** An account is connected, or connected again: the rights to grant, the settings, and what the vendor says to them. */
export function AccountForm({
  integration,
  account,
  close,
  saved,
}: {
  integration: Integration;
  /** null: a new one. */
  account: IntegrationAccount | null;
  close: () => void;
  saved: () => void;
}) {
  const console = useConsole();
  const [kept, setKept] = useState(account);
  const [label, setLabel] = useState(account?.label ?? '');
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(integration.settings.map(setting => [setting.key, entered(setting, account)])),
  );
  const [busy, setBusy] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [tested, setTested] = useState<{ at: number; lines: readonly IntegrationCheckLine[] } | null>(null);
  const isNew = account === null;
  const moved = integration.settings.some(
    setting => setting.kind === 'address' && texts[setting.key] !== entered(setting, account),
  );

  const submit = async () => {
    setBusy('Saving');
    setTested(null);
    const base = `integrations/${integration.id}/accounts`;
    const settings = settingsOf(integration.settings, texts);
    const answer = await (kept === null
      ? console.request<IntegrationAccount>('POST', base, {
          account: idOf(
            label,
            integration.accounts.map(one => one.account),
          ),
          label: label.trim(),
          settings,
        })
      : console.request<IntegrationAccount>('PUT', `${base}/${kept.account}`, {
          label: label.trim(),
          settings,
          replaces: kept.savedAt,
        }));
    if (!answer.ok) {
      setBusy(null);
      setTrouble(answer.trouble);
      return;
    }
    setTrouble(null);
    setKept(answer.value);
    saved();
    setBusy(`Asking ${integration.title}`);
    const test = await console.request<Tested>('POST', `${base}/${answer.value.account}/test`);
    setBusy(null);
    saved();
    if (!test.ok) {
      setTrouble(test.trouble);
      return;
    }
    setTested({ at: now(), lines: test.value.lines });
    if (test.value.lines.every(({ outcome }) => outcome === 'ok')) {
      console.notify(`${integration.title} works for ${label.trim()}. Its devices come now.`);
      close();
    }
  };

  return (
    <Modal
      opened
      onClose={close}
      size={680}
      closeOnClickOutside={false}
      title={isNew ? `Connect ${integration.title}` : `${integration.title}: ${account.label}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        className="form"
        onSubmit={event => {
          event.preventDefault();
          void submit();
        }}
      >
        <details open={isNew}>
          <summary>Grant these rights there first</summary>
          <ul className="rights">
            {integration.scopes.map(scope => (
              <li key={scope.name}>
                <code>{scope.name}</code>{' '}
                <span className="quiet">
                  {scope.why}
                  {scope.neededTo === 'act' ? ' Only for actions.' : ''}
                </span>
              </li>
            ))}
          </ul>
        </details>
        <TextInput
          label="Name"
          description="What people here call it: a tenant, a site, a company."
          required
          withAsterisk={false}
          maxLength={100}
          value={label}
          data-autofocus
          onChange={event => setLabel(event.currentTarget.value)}
        />
        {integration.settings.map(setting => (
          <SettingInput
            key={setting.key}
            setting={setting}
            value={texts[setting.key] ?? ''}
            isKept={!isNew && account.secretsSet.includes(setting.key) && !moved}
            isWrong={trouble?.fields.some(field => field.split('.').at(-1) === setting.key) ?? false}
            change={value => setTexts(old => ({ ...old, [setting.key]: value }))}
          />
        ))}
        {moved && !isNew ? (
          <p className="note attention">An address was changed, so its secrets must be entered again.</p>
        ) : null}
        <p className="quiet small">
          Secrets are stored sealed and never shown again, to nobody. The test changes nothing there.
        </p>
        {trouble ? <TroubleNote trouble={trouble} /> : null}
        {tested ? (
          <div className="note trouble">
            <p className="strong">Saved, but not everything works yet.</p>
            <CheckLines at={tested.at} lines={tested.lines} />
          </div>
        ) : null}
        <div className="line">
          <Button type="submit" loading={busy !== null}>
            {kept === null ? 'Connect' : 'Save and test'}
          </Button>
          <Button variant="default" onClick={close}>
            {tested ? 'Close' : 'Cancel'}
          </Button>
          <span role="status" className="quiet">
            {busy === null ? '' : `${busy} …`}
          </span>
        </div>
      </form>
    </Modal>
  );
}

function SettingInput({
  setting,
  value,
  isKept,
  isWrong,
  change,
}: {
  setting: IntegrationSetting;
  value: string;
  /** A secret that is there and stays when nothing is entered. */
  isKept: boolean;
  isWrong: boolean;
  change: (value: string) => void;
}) {
  const { kind, title, hint, isRequired, fallback, choices } = setting;
  const about = {
    label: isRequired ? title : `${title} (optional)`,
    description: hint,
    error: isWrong ? 'Not as it should be' : undefined,
    value,
    onChange: (event: { currentTarget: { value: string } }) => change(event.currentTarget.value),
  };
  switch (kind) {
    case 'secret':
      return (
        <PasswordInput
          {...about}
          required={isRequired && !isKept}
          withAsterisk={false}
          autoComplete="new-password"
          placeholder={isKept ? 'Kept as it is; enter only to change it' : ''}
        />
      );
    case 'choice':
      return <NativeSelect {...about} data={choices ?? []} />;
    case 'switch':
      return (
        <NativeSelect
          {...about}
          data={[
            { value: 'true', label: 'Yes' },
            { value: 'false', label: 'No' },
          ]}
        />
      );
    case 'address':
    case 'list':
    case 'number':
    case 'text':
      return (
        <TextInput
          {...about}
          required={isRequired}
          withAsterisk={false}
          autoComplete="off"
          spellCheck={false}
          inputMode={kind === 'number' ? 'numeric' : kind === 'address' ? 'url' : 'text'}
          placeholder={fallback === null || fallback === undefined ? '' : textOf(fallback)}
        />
      );
  }
}

/** What stands in the field when the form opens; a default is only hinted at, save where one of several must be shown. */
function entered({ key, kind, fallback }: IntegrationSetting, account: IntegrationAccount | null): string {
  if (kind === 'secret') return '';
  const value = account?.settings?.[key];
  if (value !== undefined) return textOf(value);
  return kind === 'choice' || kind === 'switch' ? textOf(fallback) : '';
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** As the connector takes them; what is empty is left out, so that its default counts. */
function settingsOf(
  settings: readonly IntegrationSetting[],
  texts: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { key, kind } of settings) {
    const text = (texts[key] ?? '').trim();
    if (text === '') continue;
    values[key] =
      kind === 'number'
        ? Number(text)
        : kind === 'switch'
          ? text === 'true'
          : kind === 'list'
            ? text
                .split(/[,\n]/)
                .map(part => part.trim())
                .filter(part => part !== '')
            : text;
  }
  return values;
}

/** `Berlin Ost` → `berlin-ost`, another one when that is taken. */
function idOf(label: string, taken: readonly string[]): string {
  const plain =
    label
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 30) || 'account';
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? plain : `${plain}-${n}`;
    if (!taken.includes(id)) return id;
  }
}
