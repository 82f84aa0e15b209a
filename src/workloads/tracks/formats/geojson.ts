import type { FormatReaderOf } from './format-reader.ts';
import { fieldOf, firstOf, listOf } from './json-fields.ts';
import type { PointSink } from './point-sink.ts';
import { createJsonReader } from './read-json.ts';

/** Properties that say when, the best first. */
const times = ['timestamp', 'time', 'datetime', 'dateTime', 'date', 'when', 'recorded_at', 'tst', 'ts', 'time_long'];
const heights = ['altitude', 'ele', 'elevation', 'alt', 'height'];
const devices = ['tracker_id', 'device_id', 'deviceId', 'device', 'tid'];

/**
 * GeoJSON, and the arrays of features that Overland sends: a `Point` is a row, with its time among the properties. Lines give a row for each of
 * their positions; their times are in `coordTimes`, as converters write them. What has no position is a row without one.
 */
export const geojson: FormatReaderOf = (sink) =>
  createJsonReader({
    arrays: ['features', 'locations', ''],
    element: (feature) => takeFeature(sink, feature),
    root(root) {
      const type = fieldOf(root, 'type');
      if (type === 'Feature') takeFeature(sink, root);
      else if (type !== 'FeatureCollection' && fieldOf(root, 'coordinates')) takeFeature(sink, { geometry: root });
    },
  });

function takeFeature(sink: PointSink, feature: unknown): void {
  const properties = fieldOf(feature, 'properties');
  const stamps = fieldOf(properties, 'coordTimes') ?? fieldOf(properties, 'coordinateProperties', 'times');
  takeGeometry(sink, fieldOf(feature, 'geometry'), properties, stamps);
}

function takeGeometry(sink: PointSink, geometry: unknown, properties: unknown, stamps: unknown): void {
  const coordinates = fieldOf(geometry, 'coordinates');
  switch (fieldOf(geometry, 'type')) {
    case 'Point':
      takePosition(sink, coordinates, properties, firstOf(properties, times));
      return;
    case 'MultiPoint':
    case 'LineString':
      takeLine(sink, coordinates, properties, stamps);
      return;
    case 'MultiLineString':
      for (const [n, line] of listOf(coordinates).entries()) takeLine(sink, line, properties, listOf(stamps)[n]);
      return;
    case 'GeometryCollection':
      for (const part of listOf(fieldOf(geometry, 'geometries'))) takeGeometry(sink, part, properties, stamps);
      return;
    default:
      sink.skip('missing');
  }
}

/** Without times of its own, a line is at the time of its feature. */
function takeLine(sink: PointSink, line: unknown, properties: unknown, stamps: unknown): void {
  const time = firstOf(properties, times);
  for (const [n, position] of listOf(line).entries()) {
    takePosition(sink, position, properties, Array.isArray(stamps) ? stamps[n] : time);
  }
}

function takePosition(sink: PointSink, position: unknown, properties: unknown, time: unknown): void {
  const [lon, lat, ele] = listOf(position);
  sink.row(time, lat, lon, ele ?? firstOf(properties, heights), firstOf(properties, devices));
}
