BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'moderation','001_first','2026-11-23 05:39:48.216772+00:00');
CREATE TABLE assessments (
  comment INTEGER PRIMARY KEY REFERENCES comments (n) ON DELETE CASCADE,
  run INTEGER NOT NULL REFERENCES runs (n),
  verdict TEXT NOT NULL,
  severity TEXT,
  priority INTEGER NOT NULL,
  scores TEXT NOT NULL,
  undecided TEXT NOT NULL,
  model TEXT NOT NULL,
  policy TEXT NOT NULL
);
INSERT INTO "assessments" VALUES(1,1,'hold','medium',1,'{"toxicity":0.75}','["spam.new"]','builtin:1','p1');
INSERT INTO "assessments" VALUES(2,1,'hold','medium',1,'{"toxicity":0.75}','["spam.new"]','builtin:1','p1');
INSERT INTO "assessments" VALUES(3,1,'pass',NULL,1,'{"toxicity":0.75}','["spam.new"]','builtin:1','p1');
CREATE TABLE authors (
  n INTEGER PRIMARY KEY,
  ident TEXT NOT NULL,
  id TEXT,
  name TEXT NOT NULL,
  UNIQUE (ident, name)
);
INSERT INTO "authors" VALUES(1,'id:7','7','Ana');
CREATE TABLE chain (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  count INTEGER NOT NULL,
  head TEXT NOT NULL
);
INSERT INTO "chain" VALUES(1,3,'586d7d6cca7db6e45f9be200917e06d7fb6f334cc59a0cc408a6d279fd33f9fe');
CREATE TABLE claims (
  comment INTEGER PRIMARY KEY REFERENCES comments (n) ON DELETE CASCADE,
  moderator TEXT NOT NULL,
  session TEXT NOT NULL,
  taken TEXT NOT NULL,
  expires REAL NOT NULL
);
CREATE TABLE comments (
  n INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  id TEXT NOT NULL,
  origin TEXT NOT NULL,
  parent TEXT,
  parent_key TEXT,
  author INTEGER REFERENCES authors (n),
  thread INTEGER REFERENCES threads (n),
  created TEXT,
  depth INTEGER,
  source TEXT NOT NULL,
  line INTEGER,
  seen TEXT NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('clear', 'pending', 'approved', 'hidden', 'escalated')),
  version INTEGER NOT NULL,
  text_version INTEGER NOT NULL,
  skips INTEGER NOT NULL,
  decided_by TEXT,
  priority INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  top REAL NOT NULL,
  born REAL NOT NULL,
  text_hash BLOB NOT NULL,
  digest BLOB NOT NULL,
  -- What few sources say, as JSON: reports, edited, the author's account. NULL for none.
  more TEXT,
  text TEXT NOT NULL
);
INSERT INTO "comments" VALUES(1,'page#1','1','page',NULL,NULL,1,1,'2024-03-01T12:30:00',NULL,'page.txt',3,'2026-11-23T05:39:48.241+00:00','hidden',2,1,0,'Mira',1,3,2,0.75,1709296200.0,X'A07B43FE867E7B8E6507AE90DD131982',X'1471986A892D868A7F1DB9ADAD81DC3D',NULL,'You muppet');
INSERT INTO "comments" VALUES(2,'page#2','2','page','1','page#1',1,1,'2024-03-01T12:30:00',1,'page.txt',3,'2026-11-23T05:39:48.241+00:00','pending',3,1,0,NULL,1,3,2,0.75,1709296200.0,X'A07B43FE867E7B8E6507AE90DD131982',X'C2377E497529C98DB5E025BDED73D7D6',NULL,'You muppet');
INSERT INTO "comments" VALUES(3,'page#3','3','page',NULL,NULL,1,1,'2024-03-01T12:30:00',NULL,'page.txt',3,'2026-11-23T05:39:48.241+00:00','clear',1,1,0,NULL,1,0,-1,0.75,1709296200.0,X'9C7C21296E0ED7FB743FA5394D484E56',X'2980C8E10BBAAD260DCBED34803BB7EC',NULL,X'42726F6B656E20EDA0802C20627574206B657074');
CREATE TABLE decision_texts (
  seq INTEGER PRIMARY KEY REFERENCES decisions (seq),
  salt TEXT,
  text TEXT,
  note TEXT,
  purged TEXT
);
INSERT INTO "decision_texts" VALUES(1,'a41f213587d878fcdaf7e4542e3d375f','You muppet','again',NULL);
INSERT INTO "decision_texts" VALUES(2,'0eb129857441f7ff3e0a56fed9c9a339','You muppet','',NULL);
INSERT INTO "decision_texts" VALUES(3,'a4da0ac0104188337a417a224fe308f9',NULL,'',NULL);
CREATE TABLE decisions (
  seq INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  author INTEGER,
  choice TEXT NOT NULL,
  moderator TEXT NOT NULL,
  at TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  reason TEXT NOT NULL,
  undoes INTEGER REFERENCES decisions (seq),
  version INTEGER NOT NULL,
  basis TEXT NOT NULL,
  sealed TEXT NOT NULL,
  hash TEXT NOT NULL
);
INSERT INTO "decisions" VALUES(1,'page#1',1,'hide','Mira','2026-11-23T05:39:48.249+00:00','pending','hidden','insult',NULL,1,'{"id":"1","model":"builtin:1","policy":"p1","priority":1,"rules":[{"action":"hold","id":"harassment.names","severity":"medium","status":"live","version":"v1"}],"scores":{"toxicity":0.75},"severity":"medium","verdict":"hold"}','e4c4640b18feca01dfdad857d573b5b11100e41550a63c8b9886696d5ce6c73c','516313e1563fc151b5f722cafa61bcf8585f27ac7018bb1e87d4f77c5839efce');
INSERT INTO "decisions" VALUES(2,'page#2',1,'approve','Mira','2026-11-23T05:39:48.252+00:00','pending','approved','',NULL,1,'{"id":"2","model":"builtin:1","policy":"p1","priority":1,"rules":[{"action":"hold","id":"harassment.names","severity":"medium","status":"live","version":"v1"}],"scores":{"toxicity":0.75},"severity":"medium","verdict":"hold"}','bf9f9db1979c972e53cb7370f18df7d32cb9a25a21eb3d9c1f884a95e884f015','01cc9f0744cae4dda1bae551a6832905eab2c9299719f4ba1ad856a6584c5d6f');
INSERT INTO "decisions" VALUES(3,'page#2',1,'undo','Mira','2026-11-23T05:39:48.256+00:00','approved','pending','',2,2,'{"id":"2","model":"builtin:1","policy":"p1","priority":1,"rules":[{"action":"hold","id":"harassment.names","severity":"medium","status":"live","version":"v1"}],"scores":{"toxicity":0.75},"severity":"medium","verdict":"hold"}','90aa916b2e2b58922f5f3201985034c3727729483b70de9ddff9a715e431cd0d','586d7d6cca7db6e45f9be200917e06d7fb6f334cc59a0cc408a6d279fd33f9fe');
CREATE TABLE flags (
  comment INTEGER NOT NULL REFERENCES comments (n) ON DELETE CASCADE,
  place INTEGER NOT NULL,
  rule TEXT NOT NULL,
  action TEXT NOT NULL,
  severity TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  priority INTEGER NOT NULL,
  field TEXT NOT NULL,
  spans TEXT NOT NULL,
  version TEXT NOT NULL,
  PRIMARY KEY (comment, place)
) WITHOUT ROWID;
INSERT INTO "flags" VALUES(1,0,'harassment.names','hold','medium','live','Name-calling: muppet',0,'text','[[4,10,"muppet"]]','v1');
INSERT INTO "flags" VALUES(2,0,'harassment.names','hold','medium','live','Name-calling: muppet',0,'text','[[4,10,"muppet"]]','v1');
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "meta" VALUES('store','2ab3f81a23004c959302f9a411127c81');
CREATE TABLE outbox (
  n INTEGER PRIMARY KEY,
  site TEXT NOT NULL,
  key TEXT NOT NULL,
  decision INTEGER NOT NULL REFERENCES decisions (seq),
  action TEXT NOT NULL,
  made TEXT NOT NULL,
  due REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  sent TEXT
);
CREATE TABLE runs (
  n INTEGER PRIMARY KEY,
  started TEXT NOT NULL,
  finished TEXT,
  inputs TEXT NOT NULL,
  model TEXT NOT NULL,
  policy TEXT NOT NULL,
  new INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  reopened INTEGER NOT NULL DEFAULT 0,
  queued INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "runs" VALUES(1,'2026-11-23T05:39:48.236+00:00','2026-11-23T05:39:48.244+00:00','["page.txt"]','builtin:1','p1',3,0,0,0,2,0);
CREATE TABLE threads (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  title TEXT,
  url TEXT,
  site TEXT
);
INSERT INTO "threads" VALUES(1,'https://example.org/a','On gardens','https://example.org/a',NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX comments_id ON comments (id);
CREATE INDEX comments_parent ON comments (parent_key) WHERE parent_key IS NOT NULL;
CREATE INDEX comments_author ON comments (author, status) WHERE author IS NOT NULL;
CREATE INDEX comments_queue ON comments
  (status, skips, priority DESC, verdict DESC, severity DESC, top DESC, born, n, key)
  WHERE status <> 'clear';
CREATE INDEX decisions_key ON decisions (key, seq);
CREATE INDEX decisions_moderator ON decisions (moderator, seq);
CREATE INDEX decisions_author ON decisions (author, seq) WHERE author IS NOT NULL;
CREATE UNIQUE INDEX decisions_undoes ON decisions (undoes) WHERE undoes IS NOT NULL;
CREATE TRIGGER decisions_keep_order BEFORE INSERT ON decisions
WHEN NEW.seq IS NOT (SELECT count + 1 FROM chain)
BEGIN SELECT RAISE(ABORT, 'decisions are only ever added at the end'); END;
CREATE TRIGGER decisions_never_change BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER decisions_never_go BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'a decision is never removed'); END;
CREATE INDEX outbox_due ON outbox (due) WHERE sent IS NULL;
COMMIT;
