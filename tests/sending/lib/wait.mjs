// Tests wait for conditions, never for a time.
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves to the first true value of condition (looked at again and again); fails after `seconds`. */
export async function until(what, condition, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await pause(20);
  }
}
