import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket's path may have 104 bytes on macOS, 108 on Linux; a host's name and that of a child's lock take 18 of them. */
const maxBytes = 85;

/** Where the hosts of this user have their folders. One for each user: the first one's is closed to all others. */
export function tempRoot(): string {
  const uid = process.getuid?.();
  const name = uid === undefined ? 'millrace' : `millrace-${uid}`;
  const root = join(tmpdir(), name);
  return process.platform === 'win32' || Buffer.byteLength(root) <= maxBytes ? root : join('/tmp', name);
}
