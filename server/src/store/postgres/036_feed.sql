CREATE INDEX event_feed ON event (agency, id);

CREATE TABLE webhook (
    agency TEXT COLLATE "C" NOT NULL,
    client TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    arrived_at BIGINT,
    error TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (agency, client)
);
