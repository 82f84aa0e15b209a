/** What a column may hold that matters here. */
export type Role = 'time' | 'lat' | 'lon' | 'ele';

/** Names of columns in the exports people have, the best first; compared without case, blanks, quotes, `_`, `-`, `.` and `:`. */
const names: Readonly<Record<Role, readonly string[]>> = {
  time: [
    'timestamp',
    'time',
    'datetime',
    'date',
    'tst',
    'ts',
    'trackedat',
    'recordedat',
    'timestamputc',
    'utc',
    'utctime',
    'gpstime',
    'timestampms',
    'starttime',
  ],
  lat: ['lat', 'latitude', 'latitudee7', 'late7', 'locationlat', 'gpslat', 'gpslatitude', 'y'],
  lon: [
    'lon',
    'lng',
    'long',
    'longitude',
    'longitudee7',
    'lone7',
    'lnge7',
    'locationlong',
    'locationlon',
    'gpslon',
    'gpslongitude',
    'x',
  ],
  ele: ['ele', 'elevation', 'altitude', 'alt', 'height', 'heightaboveellipsoid', 'heightabovemsl'],
};

/** Which column holds what; -1 for none. */
export interface NamedColumns {
  readonly time: number;
  readonly lat: number;
  readonly lon: number;
  readonly ele: number;
  /** Coordinates are whole ten-millionths of a degree. */
  readonly latE7: boolean;
  readonly lonE7: boolean;
}

/** Column names as they are compared. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s"_.:-]/g, '');
}

/** Finds the columns by their names. */
export function nameColumns(header: readonly string[]): NamedColumns {
  const plain = header.map(plainName);
  const find = (role: Role): number => {
    for (const name of names[role]) {
      const at = plain.indexOf(name);
      if (at >= 0) return at;
    }
    return -1;
  };
  const lat = find('lat');
  const lon = find('lon');
  return {
    time: find('time'),
    lat,
    lon,
    ele: find('ele'),
    latE7: plain[lat]?.endsWith('e7') ?? false,
    lonE7: plain[lon]?.endsWith('e7') ?? false,
  };
}
