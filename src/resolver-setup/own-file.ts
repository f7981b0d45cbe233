/**
 * Files that Switchboard owns as a whole. Their first line marks them; files without it are never changed or removed.
 *
 * @module
 */
const MARK = '# switchboard: made by "switchboard dns install", removed by "switchboard dns uninstall"';
const FOLDER_MARK = '# switchboard: its folder was made with it';

/** The text of such a file. */
export function ownText(lines: readonly string[], options: { readonly folderMade: boolean }): string {
  return [MARK, ...(options.folderMade ? [FOLDER_MARK] : []), ...lines, ''].join('\n');
}

export function isOwn(text: string): boolean {
  return text.startsWith(MARK);
}

/** Whether the folder was created with the file. */
export function folderWasMade(text: string): boolean {
  return text.split('\n').includes(FOLDER_MARK);
}
