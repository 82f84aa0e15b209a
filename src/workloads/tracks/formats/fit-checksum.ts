/** Remainders for four bits, as the FIT protocol has them (CRC-16 with the polynomial 0x8005, reflected). */
const remainders = [
  0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400,
] as const;

/** Goes on with a FIT checksum over some bytes. It begins with 0, and over a file with its own checksum at the end it is 0 again. */
export function fitChecksum(before: number, bytes: Uint8Array): number {
  let sum = before;
  for (const byte of bytes) {
    sum = (sum >> 4) ^ (remainders[(sum ^ byte) & 15] as number);
    sum = (sum >> 4) ^ (remainders[(sum ^ (byte >> 4)) & 15] as number);
  }
  return sum;
}
