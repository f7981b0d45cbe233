const PART = /^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}$/;

/** @returns why a text is not a time zone of the IANA's database, worded to follow the text */
export function timeZoneProblem(zone: string): string | undefined {
  if (zone === '') return 'is empty';
  if (zone.toLowerCase() === 'local') return 'depends on the machine';
  const parts = zone.split('/');
  if (parts.some(part => part === '.' || part === '..' || !PART.test(part)) || /^[+\d]/.test(zone)) {
    return 'is not the name of a time zone';
  }
  return isZone(zone) ? undefined : 'is not a known time zone';
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
