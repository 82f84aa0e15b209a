import type { FormatReaderOf } from './format-reader.ts';
import { fieldOf, firstOf, fromE7, listOf } from './json-fields.ts';
import type { PointSink } from './point-sink.ts';
import { createJsonReader } from './read-json.ts';

/** Takeout's `Records.json`: every position that was recorded. */
export const googleRecords: FormatReaderOf = (sink) =>
  createJsonReader({
    arrays: ['locations'],
    element(record) {
      const field = (name: string): unknown => fieldOf(record, name);
      const time = firstOf(record, ['timestamp', 'timestampMs']);
      sink.row(time, fromE7(field('latitudeE7')), fromE7(field('longitudeE7')), field('altitude'), field('deviceTag'));
    },
  });

/**
 * Takeout's semantic location history, a file a month: a visit is a row at its beginning and one at its end; an activity has these, too, and
 * between them the points of its simplified path. Waypoints have no times, and so are no rows.
 */
export const googleSemantic: FormatReaderOf = (sink) =>
  createJsonReader({
    arrays: ['timelineObjects'],
    element(object) {
      const visit = fieldOf(object, 'placeVisit');
      const activity = fieldOf(object, 'activitySegment');
      if (visit !== undefined) {
        const place = fieldOf(visit, 'location');
        takePlace(sink, place, stampOf(visit, 'start'));
        takePlace(sink, place, stampOf(visit, 'end'));
      } else if (activity !== undefined) {
        takePlace(sink, fieldOf(activity, 'startLocation'), stampOf(activity, 'start'));
        for (const point of listOf(fieldOf(activity, 'simplifiedRawPath', 'points'))) {
          const time = firstOf(point, ['timestamp', 'timestampMs']);
          sink.row(time, fromE7(fieldOf(point, 'latE7')), fromE7(fieldOf(point, 'lngE7')), undefined);
        }
        takePlace(sink, fieldOf(activity, 'endLocation'), stampOf(activity, 'end'));
      } else {
        sink.skip('missing');
      }
    },
  });

function stampOf(object: unknown, end: 'start' | 'end'): unknown {
  return firstOf(fieldOf(object, 'duration'), [`${end}Timestamp`, `${end}TimestampMs`]);
}

/** What has neither time nor place was not told of at all. */
function takePlace(sink: PointSink, place: unknown, time: unknown): void {
  const [lat, lon] = [fieldOf(place, 'latitudeE7'), fieldOf(place, 'longitudeE7')];
  if (time === undefined && lat === undefined) return;
  sink.row(time, fromE7(lat), fromE7(lon), undefined);
}
