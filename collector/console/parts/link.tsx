import type { ReactNode } from 'react';
import { Link as RouterLink } from 'wouter';
import { address } from '../state/place.ts';

/** A link inside the console that keeps the scene. */
export function Link({
  to,
  params,
  className,
  current,
  tabIndex,
  children,
}: {
  to: string;
  params?: Readonly<Record<string, string | null>>;
  className?: string;
  current?: boolean;
  tabIndex?: number;
  children: ReactNode;
}) {
  return (
    <RouterLink
      href={address(to, params)}
      {...(className === undefined ? {} : { className })}
      {...(current ? { 'aria-current': 'page' as const } : {})}
      {...(tabIndex === undefined ? {} : { tabIndex })}
    >
      {children}
    </RouterLink>
  );
}
