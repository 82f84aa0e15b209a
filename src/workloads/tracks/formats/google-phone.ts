import type { FormatReaderOf } from './format-reader.ts';
import { fieldOf, firstOf, fromE7, listOf } from './json-fields.ts';
import { numberIn, type PointSink, timeIn } from './point-sink.ts';
import { createJsonReader } from './read-json.ts';

/**
 * The timeline as phones export it: Android's `semanticSegments` and `rawSignals`, the plain array of iPhones, and the `timelineEdits` of a
 * Takeout. Visits are rows at their beginning and end, activities are where they began and ended, paths and signals point by point.
 */
export const googlePhone: FormatReaderOf = (sink) =>
  createJsonReader({
    arrays: ['semanticSegments', 'rawSignals', 'timelineEdits', ''],
    element(element, array) {
      if (array === 'rawSignals') takeSignal(sink, fieldOf(element, 'position'));
      else if (array === 'timelineEdits') takeEdit(sink, element);
      else takeSegment(sink, element);
    },
  });

function takeSegment(sink: PointSink, segment: unknown): void {
  const [begin, end] = [fieldOf(segment, 'startTime'), fieldOf(segment, 'endTime')];
  const visit = fieldOf(segment, 'visit', 'topCandidate', 'placeLocation');
  if (visit !== undefined) for (const time of [begin, end]) takePlace(sink, visit, time);
  const activity = fieldOf(segment, 'activity');
  if (activity !== undefined) {
    takePlace(sink, fieldOf(activity, 'start'), begin);
    takePlace(sink, fieldOf(activity, 'end'), end);
  }
  for (const point of listOf(fieldOf(segment, 'timelinePath'))) {
    takePlace(sink, fieldOf(point, 'point'), fieldOf(point, 'time') ?? minutesAfter(begin, point));
  }
}

/** Other signals tell of networks and activities: nothing that has a place. */
function takeSignal(sink: PointSink, position: unknown): void {
  if (position === undefined) return;
  takePlace(sink, firstOf(position, ['LatLng', 'latLng']), fieldOf(position, 'timestamp'), fieldOf(position, 'altitudeMeters'));
}

function takeEdit(sink: PointSink, edit: unknown): void {
  const position = fieldOf(edit, 'rawSignal', 'signal', 'position');
  if (position === undefined) return;
  const [lat, lon] = [fieldOf(position, 'point', 'latE7'), fieldOf(position, 'point', 'lngE7')];
  sink.row(fieldOf(position, 'timestamp'), fromE7(lat), fromE7(lon), undefined, fieldOf(edit, 'deviceId'));
}

/** iPhones count minutes from the segment's beginning. */
function minutesAfter(begin: unknown, point: unknown): unknown {
  const minutes = numberIn(fieldOf(point, 'durationMinutesOffsetFromStartTime'));
  const at = timeIn(begin) + minutes * 60_000;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** `geo:48.85,2.35`, `48.85°, 2.35°`, or an object with such a text as `latLng`. */
const place = /^(?:geo:)?\s*(-?[\d.]+)°?\s*,\s*(-?[\d.]+)°?/;

function takePlace(sink: PointSink, value: unknown, time: unknown, ele?: unknown): void {
  const text = typeof value === 'string' ? value : fieldOf(value, 'latLng');
  const found = typeof text === 'string' ? place.exec(text) : null;
  sink.row(time, found?.[1] ?? text, found?.[2] ?? text, ele);
}
