import type { Knex } from 'knex';

/** Photos that may become public, and programs that report by Open311. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    -- An upload that was cleaned of what cameras write into pictures: its file is the clean one, the other is gone.
    CREATE TABLE photos (
      upload_id       uuid PRIMARY KEY REFERENCES uploads,
      width           integer NOT NULL,
      height          integer NOT NULL,
      small_sha256    text NOT NULL,
      small_size      integer NOT NULL
    );

    -- What an officer has decided of a photo of a case: it is public, with regions made unrecognisable, or withheld.
    CREATE TABLE photo_reviews (
      case_code       text NOT NULL,
      number          integer NOT NULL,
      public          boolean NOT NULL,
      -- Rectangles in per cent of width and height.
      regions         jsonb NOT NULL,
      sha256          text,
      size            integer,
      small_sha256    text,
      small_size      integer,
      by              jsonb NOT NULL,
      at              timestamptz NOT NULL,
      PRIMARY KEY (case_code, number),
      FOREIGN KEY (case_code, number) REFERENCES case_papers,
      CHECK (NOT public OR (sha256 IS NOT NULL AND small_sha256 IS NOT NULL))
    );

    CREATE TABLE api_keys (
      id              uuid PRIMARY KEY,
      name            text NOT NULL,
      contact         text NOT NULL,
      hash            bytea NOT NULL UNIQUE,
      -- Reports a minute.
      most            integer NOT NULL CHECK (most > 0),
      made_at         timestamptz NOT NULL,
      made_by         jsonb NOT NULL,
      used_at         timestamptz,
      revoked_at      timestamptz,
      revoked_by      jsonb
    );
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`DROP TABLE api_keys, photo_reviews, photos`);
}
