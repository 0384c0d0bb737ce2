import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { isProblemCode } from '../../../../shared/problem/codes.ts';
import { tell } from '../../../../shared/problem/tell.ts';
import { CATALOGUES, isSentenceKey, LOCALES } from '../../../../shared/text/sentence.ts';
import type { About, NotificationSettings } from '../../contract.ts';
import { useTimes, useWords } from '../parts/words.ts';
import { codeOf, useDeskState, useFacts } from '../state/desk-state.ts';
import { number } from '../time.ts';
import { Fold } from './privacy.tsx';

/** Each language by its own name. */
const NAMES = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español' } as const;

/** The person's own settings, what a helpdesk asks for, and what the organisation has decided. */
export function AboutPage() {
  const { about } = useFacts();
  const { say } = useWords();
  return (
    <>
      <h1 tabIndex={-1}>{say('page.about')}</h1>
      <Own />
      <Diagnostics />
      <Versions about={about.state === 'known' ? about.value : null} />
      {about.state === 'known' ? (
        <>
          <Rows about={about.value} managed />
          <Rows about={about.value} managed={false} />
          <Trouble about={about.value} />
        </>
      ) : null}
    </>
  );
}

function Own() {
  const { info, notifications, language } = useFacts();
  const { say, trouble } = useWords();
  const state = useDeskState();
  const { desk } = state;
  const title = useId();
  const [failed, setFailed] = useState<string | null>(null);
  /** Does it and says what went wrong, if anything. */
  const change = (doing: Promise<unknown>): void => {
    doing.then(
      () => setFailed(null),
      (error: unknown) => setFailed(codeOf(error)),
    );
  };
  return (
    <section className="card stack" aria-labelledby={title}>
      <h2 id={title}>{say('about.settings')}</h2>
      {failed === null ? null : (
        <p className="note trouble" role="alert">
          {trouble(failed)}
        </p>
      )}
      <NativeSelect
        label={say('about.language')}
        value={language.follows ? 'system' : language.locale}
        onChange={event => {
          const locale = LOCALES.find(one => one === event.currentTarget.value) ?? null;
          change(desk.language.set({ locale }));
        }}
      >
        <option value="system">
          {language.follows
            ? say('about.language.system', { language: NAMES[language.locale] })
            : say('about.language.system', { language: '…' })}
        </option>
        {LOCALES.map(locale => (
          <option key={locale} value={locale} lang={locale}>
            {NAMES[locale]}
          </option>
        ))}
      </NativeSelect>
      {notifications === null ? null : <Notifications value={notifications} change={change} />}
      {info === null ? null : (
        <Switch
          label={say('about.autostart')}
          {...(info.autostart.changeable ? {} : { description: say('about.autostart.fixed') })}
          checked={info.autostart.on}
          disabled={!info.autostart.changeable}
          onChange={event => {
            const on = event.currentTarget.checked;
            change(desk.app.setAutostart({ on }).then(next => state.change({ info: next })));
          }}
        />
      )}
    </section>
  );
}

function Notifications({
  value,
  change,
}: {
  value: NotificationSettings;
  change: (doing: Promise<unknown>) => void;
}) {
  const { say } = useWords();
  const { when, now } = useTimes();
  const { desk } = useDeskState();
  const { on, quietHours, snoozedUntil } = value;
  return (
    <>
      <Switch
        label={say('about.notifications')}
        checked={on}
        onChange={event => change(desk.notifications.set({ on: event.currentTarget.checked }))}
      />
      {snoozedUntil !== null && snoozedUntil > now ? (
        <div className="note stack-tight">
          <p role="status">{say('about.notifications.paused', { when: when(snoozedUntil) })}</p>
          <Button variant="default" onClick={() => change(desk.notifications.snooze({ until: null }))}>
            {say('about.notifications.resume')}
          </Button>
        </div>
      ) : null}
      <Switch
        label={say('about.quiet')}
        description={say('about.quiet.what')}
        checked={quietHours !== null}
        onChange={event =>
          change(
            desk.notifications.set({
              quietHours: event.currentTarget.checked ? { from: '19:00', to: '07:00' } : null,
            }),
          )
        }
      />
      {quietHours === null ? null : (
        <fieldset className="two">
          <legend className="sr">{say('about.quiet')}</legend>
          {(['from', 'to'] as const).map(side => (
            <TextInput
              key={`${side} ${quietHours[side]}`}
              type="time"
              label={say(`about.quiet.${side}`)}
              defaultValue={quietHours[side]}
              onBlur={event => {
                const time = event.currentTarget.value;
                if (time === '' || time === quietHours[side]) return;
                change(desk.notifications.set({ quietHours: { ...quietHours, [side]: time } }));
              }}
            />
          ))}
        </fieldset>
      )}
    </>
  );
}

function Diagnostics() {
  const { say, trouble } = useWords();
  const { desk } = useDeskState();
  const title = useId();
  const [said, setSaid] = useState<'copied' | { code: string } | null>(null);
  return (
    <section className="card stack-tight" aria-labelledby={title}>
      <h2 id={title}>{say('about.help')}</h2>
      <p>{say('about.copy.what')}</p>
      <Button
        variant="default"
        leftSection={<IconCopy size={18} stroke={1.8} aria-hidden="true" />}
        onClick={() => {
          desk.app.copyDiagnostics().then(
            () => setSaid('copied'),
            (error: unknown) => setSaid({ code: codeOf(error) }),
          );
        }}
      >
        {say('about.copy')}
      </Button>
      <div role="status">
        {said === 'copied' ? <p className="note done">{say('about.copied')}</p> : null}
        {said !== null && said !== 'copied' ? <p className="note trouble">{trouble(said.code)}</p> : null}
      </div>
    </section>
  );
}

function Versions({ about }: { about: About | null }) {
  const { info } = useFacts();
  const { say, locale } = useWords();
  const { when } = useTimes();
  const clock = ((): string => {
    const skew = about?.clockSkewMs ?? null;
    if (skew === null) return say('about.clock.unknown');
    if (Math.abs(skew) < 1000) return say('about.clock.right');
    const seconds = number(locale, Math.abs(skew) / 1000);
    return say(skew > 0 ? 'about.clock.ahead' : 'about.clock.behind', { seconds });
  })();
  return (
    <Fold title={say('about.versions')} open>
      <dl className="facts">
        <dt>{say('about.window')}</dt>
        <dd>
          {info === null ? say('page.loading') : `Trayline ${info.version} (Electron ${info.electron})`}
        </dd>
        <dt>{say('about.service')}</dt>
        <dd>
          {about === null
            ? say('about.service.none')
            : `Trayline ${about.agent.version} (${about.agent.runtime})`}
        </dd>
        {about === null ? null : (
          <>
            <dt>{say('about.running')}</dt>
            <dd>{when(about.agent.startedAt)}</dd>
            <dt>{say('about.collector')}</dt>
            <dd className="wrap">{about.collector}</dd>
            <dt>{say('about.clock')}</dt>
            <dd>{clock}</dd>
            <dt>{say('about.number')}</dt>
            <dd className="mono wrap">{about.device.id ?? say('about.number.none')}</dd>
            <dt>{say('about.key')}</dt>
            <dd className="mono wrap">{about.device.keyFingerprint}</dd>
          </>
        )}
      </dl>
    </Fold>
  );
}

type Row = About['settings'][number];

function Rows({ about, managed }: { about: About; managed: boolean }) {
  const { say } = useWords();
  const rows = about.settings.filter(
    ({ layer }) => (layer === 'policy' || layer === 'collector') === managed,
  );
  return (
    <Fold title={say(managed ? 'about.managed' : 'about.others')} open={managed}>
      {rows.length === 0 && managed ? <p>{say('about.managed.none')}</p> : null}
      <ul className="plain-list rows">
        {rows.map(row => (
          <li key={row.key}>
            <SettingName row={row} />
            <p className="wrap">
              <SettingValue row={row} />
            </p>
            <p className="small quiet">{say(`about.by.${row.layer}`)}</p>
          </li>
        ))}
      </ul>
    </Fold>
  );
}

/** A setting's name; one that is newer than our words is told in English, as its own table does. */
function SettingName({ row }: { row: Row }) {
  const { locale } = useWords();
  const key = `setting.${row.key}`;
  return isSentenceKey(key) ? (
    <p className="strong">{CATALOGUES[locale][key]}</p>
  ) : (
    <p className="strong" lang="en">
      {row.sentence}
    </p>
  );
}

function SettingValue({ row: { value, isSet } }: { row: Row }) {
  const { say, locale } = useWords();
  if (value === null) return say(isSet ? 'about.secret' : 'about.unset');
  if (typeof value === 'boolean') return say(value ? 'about.yes' : 'about.no');
  return typeof value === 'number' ? number(locale, value) : value;
}

function Trouble({ about }: { about: About }) {
  const { say, locale } = useWords();
  const { when } = useTimes();
  if (about.trouble.length === 0) return null;
  return (
    <Fold title={say('about.trouble')}>
      <ul className="plain-list rows">
        {about.trouble.map(({ code, at }) => (
          <li key={`${code} ${at}`}>
            <p>{isProblemCode(code) ? tell(code, locale).title : say('page.newer')}</p>
            <p className="small quiet">{when(at)}</p>
          </li>
        ))}
      </ul>
    </Fold>
  );
}
