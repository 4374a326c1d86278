// ZIP archives as no honest program writes them: every field of the directory can say something else than the bytes.
import { crc32, deflateRawSync } from "node:zlib";

export interface Entry {
  name: string;
  bytes?: Uint8Array;
  deflate?: boolean;
  /** What the directory says, when that is not the truth. */
  claims?: {
    size?: number;
    compressedSize?: number;
    checksum?: number;
    method?: number;
    flags?: number;
    offset?: number;
  };
  /** Unix mode, such as that of a symbolic link. */
  mode?: number;
}

/** APPNOTE.TXT 4.3: local headers with their data, the directory, its end; `count` is how many files that end promises. */
export function craftArchive(entries: readonly Entry[], count = entries.length): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes = new Uint8Array(), deflate = false, claims = {}, mode = 0o100644 } of entries) {
    const data = deflate ? deflateRawSync(bytes) : Buffer.from(bytes);
    const encoded = Buffer.from(name);
    const fields = Buffer.alloc(26); // what local header and directory share
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(claims.flags ?? 0x800, 2); // names are UTF-8
    fields.writeUInt16LE(claims.method ?? (deflate ? 8 : 0), 4);
    fields.writeUInt32LE(claims.checksum ?? crc32(bytes), 10);
    fields.writeUInt32LE(claims.compressedSize ?? data.length, 14);
    fields.writeUInt32LE(claims.size ?? bytes.length, 18);
    fields.writeUInt16LE(encoded.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004", "latin1"), fields, encoded, data]);
    const entry = Buffer.alloc(46);
    entry.write("PK\u0001\u0002", 0, "latin1");
    entry.writeUInt16LE(0x0314, 4); // made by Unix
    fields.copy(entry, 6, 0, 24);
    entry.writeUInt32LE((mode << 16) >>> 0, 38);
    entry.writeUInt32LE(claims.offset ?? offset, 42);
    pieces.push(local);
    directory.push(entry, encoded);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt16LE(Math.min(count, 0xffff), 8);
  end.writeUInt16LE(Math.min(count, 0xffff), 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  const larger = count < 0xffff ? [] : largerEnd(count, listing.length, offset);
  return Buffer.concat([...pieces, listing, ...larger, end]);
}

/** ZIP64: the same numbers in 64 bits, and where they stand. */
function largerEnd(count: number, size: number, offset: number): Buffer[] {
  const end = Buffer.alloc(56);
  end.write("PK\u0006\u0006", 0, "latin1");
  end.writeBigUInt64LE(44n, 4);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(size), 40);
  end.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.write("PK\u0006\u0007", 0, "latin1");
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return [end, locator];
}
