/** The part that the file plays in a pair of stores: one row, or none. */
export const shadowTable = `
create table shadow (
  only integer primary key check (only = 1),
  pair text not null,
  epoch integer not null,
  stage text not null,
  moving text,
  side text not null
);
`;
