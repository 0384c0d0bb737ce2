import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useId, useMemo, useRef, useState } from 'react';
import type { FleetRow } from '../../../shared/api/schemas.ts';
import { StateShape } from '../parts/mark.tsx';
import { usePlace } from '../state/place.ts';
import { useDeviceSearch } from '../state/use-device-search.ts';
import { useKey } from './keys.tsx';

const SHOWN = 8;

/** `/`: any device by its name or person at once, by serial number after a moment from the collector. */
export function Search() {
  const { go } = usePlace();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const wanted = text.trim();

  useKey(
    useMemo(
      () => ({
        '/': event => {
          event.preventDefault();
          input.current?.focus();
          input.current?.select();
        },
      }),
      [],
    ),
  );

  const found = useDeviceSearch(text, SHOWN);

  const pick = (row: FleetRow) => {
    setOpen(false);
    setText('');
    input.current?.blur();
    go(`/devices/${row.id}`);
  };
  const shown = open && wanted !== '';
  return (
    <search className="search">
      <TextInput
        ref={input}
        value={text}
        placeholder="Search device, person, serial"
        leftSection={<IconSearch size={16} />}
        rightSection={<kbd>/</kbd>}
        role="combobox"
        aria-label="Search everything"
        aria-expanded={shown}
        aria-controls={listId}
        aria-autocomplete="list"
        {...(shown && found.length > 0 ? { 'aria-activedescendant': `${listId}-${chosen}` } : {})}
        onChange={event => {
          setText(event.currentTarget.value);
          setChosen(0);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setTimeout(() => setOpen(false), 120)}
        onKeyDown={event => {
          if (event.key === 'ArrowDown') setChosen(old => Math.min(found.length - 1, old + 1));
          else if (event.key === 'ArrowUp') setChosen(old => Math.max(0, old - 1));
          else if (event.key === 'Escape') input.current?.blur();
          else if (event.key === 'Enter') {
            const row = found[chosen];
            if (row) pick(row);
            else if (wanted !== '') go('/', { q: wanted });
          } else return;
          event.preventDefault();
        }}
      />
      <div className={shown ? 'search-list' : 'sr'} role="listbox" id={listId} aria-label="Devices found">
        {found.map((row, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the combobox
          <div
            key={row.id}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className="search-item"
            onMouseDown={event => event.preventDefault()}
            onClick={() => pick(row)}
          >
            <StateShape state={row.state} />
            <span className="strong">{row.name}</span>
            <span className="quiet">{row.person ?? 'person not known'}</span>
          </div>
        ))}
        {shown && found.length === 0 ? (
          <div role="option" tabIndex={-1} aria-selected={false} className="search-item quiet">
            Nothing found by that name, person or serial
          </div>
        ) : null}
      </div>
    </search>
  );
}
