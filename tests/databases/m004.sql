BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'lyceum','m001_first_tables','2026-11-28 00:33:19.477144+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'lyceum','m002_who_says_which_step_is_wrong','2026-11-28 00:33:19.478198+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'lyceum','m003_sums_that_triggers_keep','2026-11-28 00:33:19.519477+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'lyceum','m004_bands_of_questions','2026-11-28 03:14:23.477144+00:00');
CREATE TABLE assignments (
    trajectory_id TEXT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (id),
    n INTEGER NOT NULL CHECK (n >= 0),
    skill TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level >= 1),
    language TEXT NOT NULL,
    seed INTEGER NOT NULL,
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    expert_seed_id TEXT REFERENCES expert_seeds (id), -- NULL: the run has no expert seeds
    practice TEXT NOT NULL CHECK (json_valid(practice)),
    UNIQUE (run_id, n)
) STRICT;
INSERT INTO "assignments" VALUES('t377605c1a593b3c7f2b037ebf8edbee3','r93dae1babca1044b12b8fbdbc981d9d4',0,'text_manipulation',1,'en',2638946654792089570,0,NULL,'{}');
INSERT INTO "assignments" VALUES('tb8073470d6203fb1dda321c5f793715b','r93dae1babca1044b12b8fbdbc981d9d4',1,'sums',1,'en',1151365376684891786,0,NULL,'{}');
INSERT INTO "assignments" VALUES('t4199fe25b3ad5d1019d0f4fab2ac8d64','r93dae1babca1044b12b8fbdbc981d9d4',2,'sql_select',1,'en',4400992589301905978,0,NULL,'{}');
CREATE TABLE attempts (
    id TEXT NOT NULL PRIMARY KEY,
    trajectory_id TEXT NOT NULL REFERENCES trajectories (id),
    lesson_id TEXT NOT NULL REFERENCES lessons (id),
    idx INTEGER NOT NULL CHECK (idx >= 0),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    text TEXT NOT NULL,
    reasoning TEXT, -- NULL: the student gave no reasoning apart from its text
    answer TEXT, -- NULL: the text states no answer in the asked form
    finish_reason TEXT NOT NULL,
    slips TEXT NOT NULL CHECK (json_valid(slips)),
    made_by TEXT NOT NULL,
    error TEXT, -- NULL: the student replied
    digest TEXT NOT NULL,
    UNIQUE (trajectory_id, revision, idx)
) STRICT;
INSERT INTO "attempts" VALUES('a896a3a997f4d6e7e081aa89148c38440','t377605c1a593b3c7f2b037ebf8edbee3','lae09ff43ee7d945b96ac680bf280ebc6',0,0,'1. event becomes tvene.
2. bright becomes trighb.
3. ginger becomes ringeg.
4. linen becomes ninel.
5. The result is tvene trighb ringeg ninel.
Answer: tvene trighb ringeg ninel',NULL,'tvene trighb ringeg ninel','stop','[]','embedded/novice@1',NULL,'sha256:63fc25af0290d25b2982cd6bb074630782d91387564145ad29aca34d466d5c66');
INSERT INTO "attempts" VALUES('a9ea6d871b50b78988237ed26d47b8e3d','t377605c1a593b3c7f2b037ebf8edbee3','lae09ff43ee7d945b96ac680bf280ebc6',1,0,'1. event becomes tvene.
2. bright becomes trighb.
3. ginger becomes ringeg.
4. linen becomes ninel.
5. The result is tvene trighb ringeg ninel.
Answer: tvene trighb ringeg ninel',NULL,'tvene trighb ringeg ninel','stop','[]','embedded/novice@1',NULL,'sha256:1e009641315cf138d5c567a1a626dc5c4bf596928e8825de84853d9762a895ff');
INSERT INTO "attempts" VALUES('a3fb897d74e0f9f8ce692f481a77713a8','tb8073470d6203fb1dda321c5f793715b','lfce7352484d08c4d88ab37c9cdcd14b3',0,0,'1. Apricots Ida harvested in all: 74 + 22 = 96.
Answer: 96',NULL,'96','stop','[]','embedded/novice@1',NULL,'sha256:0ffa579174e7c7dd1a2f8a430e9dc9910d27f7609d784c25d1cc6cb9c6022154');
INSERT INTO "attempts" VALUES('a0cd319c2af9473c65a288f0fc7d3286a','tb8073470d6203fb1dda321c5f793715b','lfce7352484d08c4d88ab37c9cdcd14b3',1,0,'1. Apricots Ida harvested in all: 74 + 22 = 96.
Answer: 96',NULL,'96','stop','[]','embedded/novice@1',NULL,'sha256:d639f79202c018fc5e49b1757955ea804b4db3e4e25153ecc6f9df184bac6675');
INSERT INTO "attempts" VALUES('a887fb3eb02b4d69553a4b806470abc79','t4199fe25b3ad5d1019d0f4fab2ac8d64','lbd34220813de470b8e29ae82d3a669b3',0,0,'1. Take the table customers: FROM customers
2. Keep the rows where joined_on comes before 2021-10-20: WHERE joined_on < ''2021-10-20''
3. Show name, then city: SELECT name, city
4. Sort by name, upward: ORDER BY name
Answer: SELECT name, city FROM customers WHERE joined_on < ''2021-10-20'' ORDER BY name',NULL,'SELECT name, city FROM customers WHERE joined_on < ''2021-10-20'' ORDER BY name','stop','[]','embedded/novice@1',NULL,'sha256:f6cec969c6db17aa700fb13afda5fc35cd2569a3aa28676e08a16566a82818d1');
INSERT INTO "attempts" VALUES('aad99dcd1bc1875d3011ad66bddea35ff','t4199fe25b3ad5d1019d0f4fab2ac8d64','lbd34220813de470b8e29ae82d3a669b3',1,0,'1. Take the table customers: FROM customers
2. Keep the rows where joined_on comes before 2021-10-20: WHERE joined_on < ''2021-10-20''
3. Show name, then city: SELECT name, city
4. Sort by name, upward: ORDER BY name
Answer: SELECT name, city FROM customers WHERE joined_on < ''2021-10-20'' ORDER BY name',NULL,'SELECT name, city FROM customers WHERE joined_on < ''2021-10-20'' ORDER BY name','stop','[]','embedded/novice@1',NULL,'sha256:8054756922bbf7d55113010ef9b663d42c16643c3037f68aefef680b66aacc0c');
CREATE TABLE call_errors (
    id INTEGER NOT NULL PRIMARY KEY,
    trajectory_id TEXT NOT NULL REFERENCES assignments (trajectory_id),
    role TEXT NOT NULL CHECK (role IN ('teacher', 'student', 'critic')),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    idx INTEGER NOT NULL CHECK (idx >= 0),
    turn INTEGER NOT NULL CHECK (turn >= 0),
    request_digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    try_number INTEGER NOT NULL CHECK (try_number >= 1),
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE call_sums (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('teacher', 'student', 'critic')),
    model_calls INTEGER NOT NULL DEFAULT 0,
    journal_hits INTEGER NOT NULL DEFAULT 0,
    tokens_in INTEGER NOT NULL DEFAULT 0,
    tokens_out INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0.0,
    unpriced INTEGER NOT NULL DEFAULT 0,
    call_errors INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run_id, role)
) STRICT, WITHOUT ROWID;
INSERT INTO "call_sums" VALUES('r93dae1babca1044b12b8fbdbc981d9d4','critic',0,0,0,0,0.0,0,0);
INSERT INTO "call_sums" VALUES('r93dae1babca1044b12b8fbdbc981d9d4','student',0,0,0,0,0.0,0,0);
INSERT INTO "call_sums" VALUES('r93dae1babca1044b12b8fbdbc981d9d4','teacher',0,0,0,0,0.0,0,0);
CREATE TABLE calls_used (
    trajectory_id TEXT NOT NULL REFERENCES assignments (trajectory_id),
    role TEXT NOT NULL CHECK (role IN ('teacher', 'student', 'critic')),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    idx INTEGER NOT NULL CHECK (idx >= 0),
    turn INTEGER NOT NULL CHECK (turn >= 0),
    request_digest TEXT NOT NULL REFERENCES model_calls (request_digest),
    journal_hit INTEGER NOT NULL CHECK (journal_hit IN (0, 1)),
    PRIMARY KEY (trajectory_id, role, revision, idx, turn)
) STRICT, WITHOUT ROWID;
CREATE TABLE expert_seeds (
    id TEXT NOT NULL PRIMARY KEY,
    example TEXT NOT NULL,
    reference TEXT, -- NULL: the file gives none
    passage TEXT, -- NULL: the file gives none
    skill TEXT, -- NULL: good for every skill
    author TEXT, -- NULL: the file does not say
    licence TEXT -- NULL: the file does not say; not safe to publish
) STRICT;
CREATE TABLE lessons (
    id TEXT NOT NULL PRIMARY KEY,
    skill TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level >= 1),
    language TEXT NOT NULL,
    question TEXT NOT NULL,
    instruction TEXT NOT NULL,
    answer_pattern TEXT NOT NULL,
    givens TEXT CHECK (givens IS NULL OR json_valid(givens)), -- NULL: prose only
    reference TEXT NOT NULL,
    steps TEXT NOT NULL CHECK (json_valid(steps)),
    verifier TEXT NOT NULL,
    data TEXT NOT NULL CHECK (json_valid(data)),
    files TEXT NOT NULL CHECK (json_valid(files)),
    expert_seed_id TEXT REFERENCES expert_seeds (id), -- NULL: grew from no expert seed
    made_by TEXT NOT NULL,
    question_digest TEXT NOT NULL
) STRICT;
INSERT INTO "lessons" VALUES('lae09ff43ee7d945b96ac680bf280ebc6','text_manipulation',1,'en','Take the text "event bright ginger linen". Exchange the outer two letters of each word. Write down what comes of it.','Use small letters, and one space between words. State your final answer on the last line, in the form: Answer: <text>','^[ \t]*Answer:[ \t]*(.+)$','{"domain":"procedures","kind":"swap_ends","level":1,"message":"event bright ginger linen","operations":[["swap_ends",0]],"skill":"text_manipulation","wordings":[2]}','tvene trighb ringeg ninel','["event becomes tvene.","bright becomes trighb.","ginger becomes ringeg.","linen becomes ninel.","The result is tvene trighb ringeg ninel."]','exact','{}','{}',NULL,'embedded/procedures@1','q5e2e3fb722b52662a52b02a82d621fa0');
INSERT INTO "lessons" VALUES('lfce7352484d08c4d88ab37c9cdcd14b3','sums',1,'en','On a bright Saturday before the town festival, Ida Sato was in charge at the hillside fruit farm in Silverlake. Ida harvested 74 apricots at first. 22 more apricots were harvested by Ida in the afternoon. According to all this, what is the total number of apricots that Ida harvested?','State the number of apricots on the last line, in the form: Answer: <number>','^[ \t]*Answer:[ \t]*(.+)$','{"asked":"q3","domain":"quantities","level":1,"quantities":[{"label":"apricots Ida harvested","name":"q1","unit":"apricots","value":"74"},{"label":"more apricots","name":"q2","unit":"apricots","value":"22"},{"args":["q1","q2"],"label":"Apricots Ida harvested in all","name":"q3","op":"add","unit":"apricots"}],"skill":"sums"}','96','["Apricots Ida harvested in all: 74 + 22 = 96."]','math','{}','{}',NULL,'embedded/quantities@1','qf9cef98203a6c32b363a6b82305e8b54');
INSERT INTO "lessons" VALUES('lbd34220813de470b8e29ae82d3a669b3','sql_select',1,'en','The database of the music shop Copper Kettle has these tables:

CREATE TABLE customers (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT NOT NULL, email TEXT,
  joined_on TEXT NOT NULL);
CREATE TABLE products (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, category TEXT NOT NULL, price REAL NOT NULL,
  stock INTEGER NOT NULL);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id),
  product_id INTEGER NOT NULL REFERENCES products(id), quantity INTEGER NOT NULL,
  channel TEXT NOT NULL, ordered_on TEXT NOT NULL, shipped_on TEXT);
CREATE TABLE payments (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders(id), amount REAL NOT NULL,
  method TEXT NOT NULL, paid_on TEXT);

Dates are text (YYYY-MM-DD); prices and amounts are in euros. An order has not been shipped if shipped_on is NULL, a payment is pending if paid_on is NULL, a customer has no email if email is NULL. A channel is ''web'', ''phone'' or ''store''; a method is ''card'', ''cash'' or ''transfer''.

Which customers joined before 2021-10-20? Give name and city. Sort by name (A to Z).','Write one SQLite query that answers this. State it on the last line, in the form: Answer: <one SQL query on one line>','^[ \t]*Answer:[ \t]*(.+)$','{"domain":"shop","level":1,"query":{"columns":[{"expr":"name"},{"expr":"city"}],"order":[{"by":{"expr":"name"}}],"table":"customers","where":[{"left":{"expr":"joined_on"},"op":"<","values":["2021-10-20"]}]},"shop":5,"skill":"sql_select"}','SELECT name, city FROM customers WHERE joined_on < ''2021-10-20'' ORDER BY name','["Take the table customers: FROM customers","Keep the rows where joined_on comes before 2021-10-20: WHERE joined_on < ''2021-10-20''","Show name, then city: SELECT name, city","Sort by name, upward: ORDER BY name"]','sql','{"ordered":true,"script":"CREATE TABLE customers (\n  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT NOT NULL, email TEXT,\n  joined_on TEXT NOT NULL);\nCREATE TABLE products (\n  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, category TEXT NOT NULL, price REAL NOT NULL,\n  stock INTEGER NOT NULL);\nCREATE TABLE orders (\n  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id),\n  product_id INTEGER NOT NULL REFERENCES products(id), quantity INTEGER NOT NULL,\n  channel TEXT NOT NULL, ordered_on TEXT NOT NULL, shipped_on TEXT);\nCREATE TABLE payments (\n  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders(id), amount REAL NOT NULL,\n  method TEXT NOT NULL, paid_on TEXT);\nINSERT INTO customers VALUES\n(1,''Dora Vogel'',''Malmo'',NULL,''2020-11-28''),\n(2,''Yara Tanaka'',''Nantes'',''yara.tanaka@example.org'',''2022-11-22''),\n(3,''Simon Lambert'',''Porto'',NULL,''2020-07-30''),\n(4,''Amir Novak'',''Delft'',''amir.novak@example.org'',''2021-05-14''),\n(5,''Ines Petrov'',''Split'',''ines.petrov@example.org'',''2021-01-27''),\n(6,''Boris Garcia'',''Nantes'',NULL,''2021-09-08''),\n(7,''Elena Costa'',''Delft'',''elena.costa@example.org'',''2022-05-06''),\n(8,''Karin Rossi'',''Split'',''karin.rossi@example.org'',''2022-05-25''),\n(9,''Alice Dietz'',''Malmo'',''alice.dietz@example.org'',''2020-05-09''),\n(10,''Paula Fischer'',''Porto'',NULL,''2021-07-03''),\n(11,''Bianca Weber'',''Nantes'',''bianca.weber@example.org'',''2020-06-04''),\n(12,''Nadia Moreau'',''Delft'',''nadia.moreau@example.org'',''2020-06-30''),\n(13,''Tara Young'',''Split'',NULL,''2022-04-06''),\n(14,''Vera Amari'',''Nantes'',''vera.amari@example.org'',''2021-11-29''),\n(15,''Oscar Duval'',''Delft'',''oscar.duval@example.org'',''2021-10-20'');\nINSERT INTO products VALUES\n(1,''Guitar Stand'',''stands'',52.0,38),\n(2,''Triangle'',''percussion'',48.0,33),\n(3,''Cello Strings'',''strings'',18.5,8),\n(4,''Violin Strings'',''strings'',34.5,0),\n(5,''Keyboard Stand'',''stands'',17.0,34),\n(6,''Bongo Pair'',''percussion'',55.5,2),\n(7,''Music Stand'',''stands'',30.0,30),\n(8,''Guitar Strings'',''strings'',8.0,25),\n(9,''Tambourine'',''percussion'',4.5,38),\n(10,''Flute Duets'',''scores'',32.0,32),\n(11,''Piano Studies'',''scores'',34.0,35),\n(12,''Choir Book'',''scores'',50.5,2);\nINSERT INTO orders VALUES\n(1,6,12,3,''web'',''2023-01-22'',''2023-01-25''),\n(2,13,2,3,''store'',''2023-01-26'',''2023-02-01''),\n(3,13,9,5,''web'',''2023-02-04'',''2023-02-12''),\n(4,11,12,2,''web'',''2023-02-21'',''2023-02-27''),\n(5,5,8,2,''web'',''2023-04-07'',''2023-04-09''),\n(6,15,6,1,''store'',''2023-04-16'',''2023-04-19''),\n(7,3,10,1,''web'',''2023-05-06'',''2023-05-08''),\n(8,5,11,6,''web'',''2023-05-18'',''2023-05-20''),\n(9,9,3,5,''web'',''2023-06-05'',''2023-06-06''),\n(10,7,6,4,''store'',''2023-06-08'',''2023-06-15''),\n(11,10,1,3,''phone'',''2023-06-10'',''2023-06-12''),\n(12,13,3,8,''web'',''2023-06-23'',''2023-06-24''),\n(13,6,8,5,''web'',''2023-07-03'',''2023-07-12''),\n(14,6,9,1,''store'',''2023-07-04'',''2023-07-12''),\n(15,13,3,2,''web'',''2023-07-18'',''2023-07-23''),\n(16,7,3,2,''web'',''2023-08-25'',''2023-08-26''),\n(17,7,10,6,''store'',''2023-08-26'',NULL),\n(18,6,1,3,''web'',''2023-09-07'',''2023-09-16''),\n(19,14,1,4,''web'',''2023-10-02'',''2023-10-11''),\n(20,4,8,4,''phone'',''2023-10-08'',''2023-10-16''),\n(21,10,4,2,''phone'',''2023-11-29'',NULL),\n(22,6,9,8,''phone'',''2024-01-10'',NULL),\n(23,6,4,3,''web'',''2024-01-11'',''2024-01-17''),\n(24,10,2,8,''phone'',''2024-01-21'',''2024-01-25''),\n(25,4,6,8,''web'',''2024-03-16'',''2024-03-25''),\n(26,11,3,3,''web'',''2024-05-01'',''2024-05-03''),\n(27,8,9,3,''web'',''2024-05-16'',''2024-05-21''),\n(28,14,10,3,''phone'',''2024-06-04'',NULL),\n(29,11,4,5,''web'',''2024-06-08'',''2024-06-16''),\n(30,3,2,1,''web'',''2024-06-13'',''2024-06-17''),\n(31,5,11,6,''web'',''2024-06-14'',''2024-06-16''),\n(32,9,4,5,''phone'',''2024-06-21'',NULL),\n(33,9,2,4,''web'',''2024-07-10'',''2024-07-15''),\n(34,6,11,6,''phone'',''2024-07-18'',''2024-07-23''),\n(35,4,3,5,''store'',''2024-09-24'',''2024-10-01''),\n(36,11,10,4,''phone'',''2024-10-11'',''2024-10-18''),\n(37,13,6,6,''web'',''2024-11-02'',''2024-11-09''),\n(38,6,4,6,''phone'',''2024-11-13'',NULL),\n(39,5,12,3,''web'',''2024-12-25'',NULL),\n(40,10,11,3,''phone'',''2024-12-26'',NULL);\nINSERT INTO payments VALUES\n(1,3,22.5,''transfer'',''2023-02-12''),\n(2,4,101.0,''card'',''2023-02-25''),\n(3,5,16.0,''transfer'',NULL),\n(4,6,27.75,''transfer'',''2023-05-03''),\n(5,6,27.75,''card'',''2023-05-23''),\n(6,7,32.0,''card'',''2023-05-15''),\n(7,8,102.0,''transfer'',NULL),\n(8,8,102.0,''card'',''2023-06-12''),\n(9,9,92.5,''card'',''2023-06-15''),\n(10,10,222.0,''card'',''2023-06-14''),\n(11,12,148.0,''card'',''2023-07-09''),\n(12,13,20.0,''card'',''2023-07-11''),\n(13,13,20.0,''transfer'',''2023-07-18''),\n(14,15,37.0,''transfer'',NULL),\n(15,16,37.0,''card'',NULL),\n(16,18,78.0,''transfer'',NULL),\n(17,18,78.0,''transfer'',''2023-10-02''),\n(18,19,208.0,''card'',''2023-10-11''),\n(19,20,32.0,''cash'',''2023-10-20''),\n(20,21,69.0,''card'',''2023-11-30''),\n(21,22,36.0,''transfer'',''2024-01-13''),\n(22,23,103.5,''transfer'',''2024-01-27''),\n(23,24,384.0,''card'',''2024-01-25''),\n(24,25,444.0,''card'',''2024-03-25''),\n(25,26,55.5,''cash'',''2024-05-07''),\n(26,27,13.5,''transfer'',''2024-05-26''),\n(27,28,96.0,''cash'',''2024-06-05''),\n(28,29,172.5,''transfer'',''2024-06-13''),\n(29,30,48.0,''card'',''2024-06-20''),\n(30,31,102.0,''transfer'',''2024-06-17''),\n(31,31,102.0,''card'',''2024-06-21''),\n(32,32,86.25,''card'',NULL),\n(33,32,86.25,''transfer'',''2024-07-07''),\n(34,33,192.0,''transfer'',''2024-07-17''),\n(35,34,204.0,''card'',''2024-08-01''),\n(36,35,92.5,''card'',''2024-10-08''),\n(37,36,128.0,''card'',NULL),\n(38,37,333.0,''cash'',''2024-11-02''),\n(39,39,151.5,''card'',''2025-01-05''),\n(40,40,102.0,''card'',''2025-01-02'');\n"}','{}',NULL,'embedded/shop@1','qfceda183234ad6ab89e94df82ba728ea');
CREATE TABLE model_calls (
    request_digest TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('teacher', 'student', 'critic')),
    endpoint TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    request TEXT NOT NULL CHECK (json_valid(request)),
    reply TEXT NOT NULL,
    text TEXT NOT NULL,
    reasoning TEXT, -- NULL: the endpoint gave no reasoning apart from the text
    finish_reason TEXT NOT NULL,
    tokens_in INTEGER CHECK (tokens_in >= 0), -- NULL: the endpoint does not say
    tokens_out INTEGER CHECK (tokens_out >= 0), -- NULL: the endpoint does not say
    cost_usd REAL CHECK (cost_usd >= 0), -- NULL: the price is not known
    latency_s REAL NOT NULL CHECK (latency_s >= 0),
    created_at TEXT NOT NULL,
    reply_digest TEXT NOT NULL
) STRICT;
CREATE TABLE place_sums (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    skill TEXT NOT NULL,
    level INTEGER NOT NULL,
    assigned INTEGER NOT NULL DEFAULT 0,
    accepted INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    unscored INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    accepted_attempts INTEGER NOT NULL DEFAULT 0,
    tried INTEGER NOT NULL DEFAULT 0,
    solved INTEGER NOT NULL DEFAULT 0,
    critiques INTEGER NOT NULL DEFAULT 0,
    scored INTEGER NOT NULL DEFAULT 0,
    reward REAL NOT NULL DEFAULT 0.0,
    PRIMARY KEY (run_id, skill, level)
) STRICT, WITHOUT ROWID;
INSERT INTO "place_sums" VALUES('r93dae1babca1044b12b8fbdbc981d9d4','sql_select',1,1,1,0,0,0,2,2,2,2,0,1,1.0);
INSERT INTO "place_sums" VALUES('r93dae1babca1044b12b8fbdbc981d9d4','sums',1,1,1,0,0,0,2,2,2,2,0,1,1.0);
INSERT INTO "place_sums" VALUES('r93dae1babca1044b12b8fbdbc981d9d4','text_manipulation',1,1,1,0,0,0,2,2,2,2,0,1,1.0);
CREATE TABLE question_bands (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    band INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (run_id, band, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE reason_sums (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    trajectories INTEGER NOT NULL,
    PRIMARY KEY (run_id, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    begun INTEGER NOT NULL CHECK (begun >= 0),
    seed INTEGER NOT NULL,
    identity TEXT NOT NULL CHECK (json_valid(identity)),
    config TEXT NOT NULL CHECK (json_valid(config)),
    skills TEXT NOT NULL CHECK (json_valid(skills)),
    expert_seeds TEXT NOT NULL CHECK (json_valid(expert_seeds)),
    episodes INTEGER NOT NULL CHECK (episodes >= 1),
    versions TEXT NOT NULL CHECK (json_valid(versions)),
    created_at TEXT NOT NULL,
    ended TEXT -- NULL: unfinished
) STRICT;
INSERT INTO "runs" VALUES('r93dae1babca1044b12b8fbdbc981d9d4',0,7,'{"attempts":2,"critic":{"kind":"program"},"curriculum":{"explore":0.2,"languages":["en"],"skills":[]},"expert_seeds":null,"lag":32,"max_revisions":1,"screen":null,"seed":7,"student":{"kind":"embedded"},"teacher":{"kind":"embedded"}}','{"accept":null,"attempts":2,"critic":{"agreement":"unanimous","api_key_env":null,"base_url":null,"endpoint":null,"extra_body":{},"false_reference":true,"judges":[],"kind":"program","max_tokens":null,"model":null,"own_answers":3,"price_in":null,"price_out":null,"prompt":null,"retries":5,"step_labels":true,"temperature":null,"timeout_s":120.0,"votes":1},"curriculum":{"explore":0.2,"languages":["en"],"skills":[]},"episodes":3,"expert_seeds":null,"in_flight":64,"lag":null,"max_calls":null,"max_cost":null,"max_revisions":1,"max_tokens":null,"screen":null,"seed":7,"student":{"api_key_env":null,"base_url":null,"endpoint":null,"extra_body":{},"kind":"embedded","max_tokens":null,"model":null,"price_in":null,"price_out":null,"prompt":null,"retries":5,"temperature":null,"timeout_s":120.0},"teacher":{"answer_pattern":null,"api_key_env":null,"base_url":null,"data":{},"data_sets":[],"endpoint":null,"extra_body":{},"instruction":null,"kind":"embedded","language":"en","level":1,"max_tokens":null,"model":null,"path":null,"price_in":null,"price_out":null,"prompt":null,"question":null,"reference":null,"reference_pattern":null,"retries":5,"skill":"library","temperature":null,"timeout_s":120.0,"verifier":"exact"}}','[{"about":"Everyday stories solved by adding and subtracting whole numbers.","after":[],"levels":3,"name":"sums","verifier":"math"},{"about":"Everyday stories solved by multiplying and dividing without remainder.","after":["sums"],"levels":3,"name":"products","verifier":"math"},{"about":"Everyday stories about fractions of an amount, and about what fraction a part is.","after":["products"],"levels":3,"name":"fractions","verifier":"math"},{"about":"Everyday stories about percentages of an amount, and percentages more or less.","after":["fractions"],"levels":3,"name":"percentages","verifier":"math"},{"about":"Everyday stories in which amounts are compared or split in a ratio.","after":["fractions"],"levels":3,"name":"ratios","verifier":"math"},{"about":"Everyday stories about so many an hour and so many dollars a piece.","after":["products"],"levels":3,"name":"rates","verifier":"math"},{"about":"Everyday stories with grams and kilograms, metres, litres, minutes and hours.","after":["products"],"levels":3,"name":"units","verifier":"math"},{"about":"Work out times and durations on the 24-hour clock, across hours and past midnight.","after":[],"levels":3,"name":"clock_time","verifier":"exact"},{"about":"Count with days of the week, dates and leap years in the Gregorian calendar.","after":["clock_time"],"levels":3,"name":"calendar","verifier":"exact"},{"about":"Find further terms of arithmetic, geometric, alternating and similar sequences.","after":[],"levels":3,"name":"sequences","verifier":"math"},{"about":"Convert whole numbers between decimal, binary and other bases up to hexadecimal.","after":["sequences"],"levels":3,"name":"number_bases","verifier":"exact"},{"about":"Carry out passes of bubble, selection and insertion sort by hand, and merge lists.","after":[],"levels":3,"name":"sorting","verifier":"math"},{"about":"Form unions, intersections, differences and symmetric differences of sets.","after":["sorting"],"levels":3,"name":"set_operations","verifier":"math"},{"about":"Change a short message letter by letter and word by word, as told.","after":[],"levels":3,"name":"text_manipulation","verifier":"exact"},{"about":"Choose columns and rows of one table; sort them, break ties, stop early; mind NULL.","after":[],"levels":3,"name":"sql_select","verifier":"sql"},{"about":"Count, add up, average and compare the rows of one table that meet conditions.","after":["sql_select"],"levels":3,"name":"sql_aggregate","verifier":"sql"},{"about":"Aggregate the rows of each group, sort the groups, and keep some with HAVING.","after":["sql_aggregate"],"levels":3,"name":"sql_group","verifier":"sql"},{"about":"Join two or three tables, also so that rows without a partner stay.","after":["sql_select"],"levels":3,"name":"sql_join","verifier":"sql"},{"about":"Ask for rows by what a second query finds: membership, an average, a count.","after":["sql_group","sql_join"],"levels":3,"name":"sql_subquery","verifier":"sql"},{"about":"Write Python functions of whole numbers: cases, ranges, digits, repeated steps.","after":["sequences"],"levels":3,"name":"functions_numbers","verifier":"code"},{"about":"Write Python functions that count, cut, choose and put together letters and words.","after":["functions_numbers","text_manipulation"],"levels":3,"name":"functions_text","verifier":"code"},{"about":"Write Python functions of lists: keep, fold, sort, compare neighbours, find runs.","after":["functions_numbers","sorting"],"levels":3,"name":"functions_lists","verifier":"code"},{"about":"Write Python functions of dicts and rows: look up, group, merge, rank, balance.","after":["functions_lists"],"levels":3,"name":"functions_tables","verifier":"code"}]','[]',3,'{"critic":"program","lyceum":"0.1.0","student":"embedded/novice@1","teacher":"embedded"}','2026-11-28T00:33:19.310+00:00','complete');
CREATE TABLE trajectories (
    id TEXT NOT NULL PRIMARY KEY REFERENCES assignments (trajectory_id),
    run_id TEXT NOT NULL REFERENCES runs (id),
    n INTEGER NOT NULL CHECK (n >= 0),
    lesson_id TEXT REFERENCES lessons (id), -- NULL: no draft became a lesson
    status TEXT NOT NULL CHECK (status IN ('accepted', 'rejected', 'unscored', 'failed')),
    reward REAL CHECK (reward BETWEEN 0 AND 1), -- NULL: nobody scored it, which is not 0
    reason TEXT, -- NULL: it is accepted
    findings TEXT NOT NULL CHECK (json_valid(findings)),
    error TEXT, -- NULL: no exception ended the episode
    tried INTEGER NOT NULL CHECK (tried >= 0),
    solved INTEGER NOT NULL CHECK (solved >= 0),
    critiques INTEGER NOT NULL CHECK (critiques >= 0),
    digest TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0), accepted_attempts INTEGER NOT NULL DEFAULT 0
    CHECK (accepted_attempts BETWEEN 0 AND attempts),
    UNIQUE (run_id, n)
) STRICT;
INSERT INTO "trajectories" VALUES('t377605c1a593b3c7f2b037ebf8edbee3','r93dae1babca1044b12b8fbdbc981d9d4',0,'lae09ff43ee7d945b96ac680bf280ebc6','accepted',1.0,NULL,'[]',NULL,2,2,0,'sha256:32784ec6cd5b5c8a2b835c0d39a1e61baf1f0a0e9846589e069cb42ea1062c86',2,2);
INSERT INTO "trajectories" VALUES('tb8073470d6203fb1dda321c5f793715b','r93dae1babca1044b12b8fbdbc981d9d4',1,'lfce7352484d08c4d88ab37c9cdcd14b3','accepted',1.0,NULL,'[]',NULL,2,2,0,'sha256:32e7762c9d43a7b8f73b299f044bd696f6928b65b90a3157f6082a7cc857dd64',2,2);
INSERT INTO "trajectories" VALUES('t4199fe25b3ad5d1019d0f4fab2ac8d64','r93dae1babca1044b12b8fbdbc981d9d4',2,'lbd34220813de470b8e29ae82d3a669b3','accepted',1.0,NULL,'[]',NULL,2,2,0,'sha256:09698606a90cb92818032b8db31170e2330622f8f69e2234e5e32d5a6a3d5019',2,2);
CREATE TABLE verdicts (
    id TEXT NOT NULL PRIMARY KEY,
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    place INTEGER NOT NULL CHECK (place >= 0),
    status TEXT NOT NULL CHECK (status IN ('accepted', 'rejected', 'unscored', 'failed')),
    reward REAL CHECK (reward BETWEEN 0 AND 1), -- NULL: nobody scored it, which is not 0
    rung TEXT CHECK (rung IN ('program', 'judge', 'person')), -- NULL: nobody decided
    reason TEXT, -- NULL: it is accepted
    checks TEXT NOT NULL CHECK (json_valid(checks)),
    grades TEXT NOT NULL CHECK (json_valid(grades)),
    critique TEXT NOT NULL,
    first_wrong_step INTEGER CHECK (first_wrong_step >= 1), -- NULL: not known
    digest TEXT NOT NULL, first_wrong_step_rung TEXT -- NULL: no wrong step is known
    CHECK (first_wrong_step_rung IN ('program', 'judge', 'person')),
    UNIQUE (attempt_id, ordinal)
) STRICT;
INSERT INTO "verdicts" VALUES('v02d3816965a1739cedc991cea0e21998','a896a3a997f4d6e7e081aa89148c38440',0,0,'accepted',1.0,'program',NULL,'[{"evidence":"both are ''tvene trighb ringeg ninel''","finding":"passed","limits":{"text_max_chars":10000},"verifier":"exact","version":1}]','[]','',NULL,'sha256:a27030e93699150709eeb0e83f5cbe890a47bc7cd56a2ee221885ad18c7ca1f0',NULL);
INSERT INTO "verdicts" VALUES('vbd43185b85c89bd45df3e2349e193508','a9ea6d871b50b78988237ed26d47b8e3d',0,1,'accepted',1.0,'program',NULL,'[{"evidence":"both are ''tvene trighb ringeg ninel''","finding":"passed","limits":{"text_max_chars":10000},"verifier":"exact","version":1}]','[]','',NULL,'sha256:444aaaa5dfa6e7e04a23244577ff2e8eac855e2de2991608965474fcb1b3c32f',NULL);
INSERT INTO "verdicts" VALUES('v5856cd0b528d27eb3e3ee18ead565d2c','a3fb897d74e0f9f8ce692f481a77713a8',0,0,'accepted',1.0,'program',NULL,'[{"evidence":"''96''","finding":"passed","limits":{"digits_in_a_row_max":256,"elements_max":1000,"exponent_max":64,"nesting_max":64,"text_max_chars":4096},"verifier":"math","version":2}]','[]','',NULL,'sha256:636ed5311d563dcbc1b168316c9280f5ffca116ca9345d20988d3018dc9abdb7',NULL);
INSERT INTO "verdicts" VALUES('v3db377f3be297203acaaddb142a44c9b','a0cd319c2af9473c65a288f0fc7d3286a',0,1,'accepted',1.0,'program',NULL,'[{"evidence":"''96''","finding":"passed","limits":{"digits_in_a_row_max":256,"elements_max":1000,"exponent_max":64,"nesting_max":64,"text_max_chars":4096},"verifier":"math","version":2}]','[]','',NULL,'sha256:7cecacc9435b6a5e0c3076ccc6bf981de37ffd2d540903cb7e5fa3d20e891620',NULL);
INSERT INTO "verdicts" VALUES('vcc1280d41db49df3b287ed907a2edd9c','a887fb3eb02b4d69553a4b806470abc79',0,0,'accepted',1.0,'program',NULL,'[{"evidence":"the same rows on every database (given 9, variant 1 6, variant 2 7)","finding":"passed","limits":{"cells":200000,"function_calls":64,"relative_tolerance":1e-09,"result_bytes":8388608,"sql_characters":10000,"steps":5000000,"text_bytes":50000,"wall_s":2.0},"verifier":"sql","version":2}]','[]','',NULL,'sha256:88d906e21de980942383beddfce80fca4fc8499c491ba04d56ec3af25e77bd95',NULL);
INSERT INTO "verdicts" VALUES('v895a5c6680ae1a5e288689340fede5ea','aad99dcd1bc1875d3011ad66bddea35ff',0,1,'accepted',1.0,'program',NULL,'[{"evidence":"the same rows on every database (given 9, variant 1 6, variant 2 7)","finding":"passed","limits":{"cells":200000,"function_calls":64,"relative_tolerance":1e-09,"result_bytes":8388608,"sql_characters":10000,"steps":5000000,"text_bytes":50000,"wall_s":2.0},"verifier":"sql","version":2}]','[]','',NULL,'sha256:ff1a33d7c3313742aecd83a0cecdaf455e36e8228242767b0c9d6df8a4b0d7f1',NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX lessons_by_question ON lessons (question_digest);
CREATE INDEX trajectories_by_status ON trajectories (run_id, status, n);
CREATE INDEX attempts_by_lesson ON attempts (lesson_id);
CREATE INDEX calls_used_by_request ON calls_used (request_digest);
CREATE INDEX call_errors_by_trajectory ON call_errors (trajectory_id);
CREATE INDEX trajectories_by_lesson ON trajectories (lesson_id, run_id, n);
CREATE INDEX assignments_by_skill ON assignments (run_id, skill, n);
CREATE TRIGGER runs_new AFTER INSERT ON runs BEGIN
INSERT INTO call_sums (run_id, role)
    SELECT NEW.id, role FROM (SELECT 'teacher' AS role UNION SELECT 'student' UNION SELECT 'critic') WHERE TRUE ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER assignments_new AFTER INSERT ON assignments BEGIN
INSERT INTO place_sums (run_id, skill, level, assigned)
    VALUES (NEW.run_id, NEW.skill, NEW.level, 1)
    ON CONFLICT DO UPDATE SET assigned = assigned + 1;
END;
CREATE TRIGGER trajectories_new AFTER INSERT ON trajectories BEGIN
UPDATE place_sums SET
        accepted = place_sums.accepted + (t.status = 'accepted'),
        rejected = place_sums.rejected + (t.status = 'rejected'),
        unscored = place_sums.unscored + (t.status = 'unscored'),
        failed = place_sums.failed + (t.status = 'failed'),
        attempts = place_sums.attempts + t.attempts,
        accepted_attempts = place_sums.accepted_attempts + t.accepted_attempts,
        tried = place_sums.tried + t.tried,
        solved = place_sums.solved + t.solved,
        critiques = place_sums.critiques + t.critiques,
        scored = place_sums.scored + (t.reward IS NOT NULL),
        reward = place_sums.reward + coalesce(t.reward, 0.0)
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = NEW.id AND (place_sums.run_id, place_sums.skill, place_sums.level)
        = (a.run_id, a.skill, a.level);INSERT INTO reason_sums (run_id, reason, trajectories)
    SELECT a.run_id, coalesce(t.reason, 'error'), + 1 FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = NEW.id AND t.status <> 'accepted'
    ON CONFLICT DO UPDATE SET trajectories = trajectories + excluded.trajectories;
END;
CREATE TRIGGER calls_used_new AFTER INSERT ON calls_used BEGIN
UPDATE call_sums SET
        (model_calls, journal_hits, tokens_in, tokens_out, cost_usd, unpriced) = (SELECT
            model_calls + paid, journal_hits + NEW.journal_hit,
            call_sums.tokens_in + paid * coalesce(c.tokens_in, 0),
            call_sums.tokens_out + paid * coalesce(c.tokens_out, 0),
            call_sums.cost_usd + paid * coalesce(c.cost_usd, 0.0),
            unpriced + paid * (c.cost_usd IS NULL)
        FROM (SELECT 1 - NEW.journal_hit AS paid) JOIN model_calls c
        WHERE c.request_digest = NEW.request_digest)
    WHERE run_id = (SELECT run_id FROM assignments WHERE trajectory_id = NEW.trajectory_id)
    AND role = NEW.role;
END;
CREATE TRIGGER call_errors_new AFTER INSERT ON call_errors BEGIN
UPDATE call_sums SET call_errors = call_sums.call_errors + d.times
    FROM (SELECT a.run_id, e.role, count(*) AS times FROM call_errors e
        JOIN assignments a ON a.trajectory_id = e.trajectory_id
        WHERE e.id = NEW.id GROUP BY a.run_id, e.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
CREATE TRIGGER assignments_deleted BEFORE DELETE ON assignments BEGIN
UPDATE place_sums SET
        accepted = place_sums.accepted - (t.status = 'accepted'),
        rejected = place_sums.rejected - (t.status = 'rejected'),
        unscored = place_sums.unscored - (t.status = 'unscored'),
        failed = place_sums.failed - (t.status = 'failed'),
        attempts = place_sums.attempts - t.attempts,
        accepted_attempts = place_sums.accepted_attempts - t.accepted_attempts,
        tried = place_sums.tried - t.tried,
        solved = place_sums.solved - t.solved,
        critiques = place_sums.critiques - t.critiques,
        scored = place_sums.scored - (t.reward IS NOT NULL),
        reward = place_sums.reward - coalesce(t.reward, 0.0)
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = OLD.trajectory_id AND (place_sums.run_id, place_sums.skill, place_sums.level)
        = (a.run_id, a.skill, a.level);INSERT INTO reason_sums (run_id, reason, trajectories)
    SELECT a.run_id, coalesce(t.reason, 'error'), - 1 FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = OLD.trajectory_id AND t.status <> 'accepted'
    ON CONFLICT DO UPDATE SET trajectories = trajectories + excluded.trajectories;UPDATE call_sums SET
        model_calls = call_sums.model_calls - d.model_calls,
        journal_hits = call_sums.journal_hits - d.journal_hits,
        tokens_in = call_sums.tokens_in - d.tokens_in,
        tokens_out = call_sums.tokens_out - d.tokens_out,
        cost_usd = call_sums.cost_usd - d.cost_usd,
        unpriced = call_sums.unpriced - d.unpriced
    FROM (SELECT a.run_id, u.role, sum(1 - u.journal_hit) AS model_calls,
            sum(u.journal_hit) AS journal_hits,
            sum((1 - u.journal_hit) * coalesce(c.tokens_in, 0)) AS tokens_in,
            sum((1 - u.journal_hit) * coalesce(c.tokens_out, 0)) AS tokens_out,
            sum((1 - u.journal_hit) * coalesce(c.cost_usd, 0.0)) AS cost_usd,
            sum((1 - u.journal_hit) * (c.cost_usd IS NULL)) AS unpriced
        FROM calls_used u JOIN model_calls c ON c.request_digest = u.request_digest
        JOIN assignments a ON a.trajectory_id = u.trajectory_id
        WHERE u.trajectory_id = OLD.trajectory_id GROUP BY a.run_id, u.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;UPDATE call_sums SET call_errors = call_sums.call_errors - d.times
    FROM (SELECT a.run_id, e.role, count(*) AS times FROM call_errors e
        JOIN assignments a ON a.trajectory_id = e.trajectory_id
        WHERE e.trajectory_id = OLD.trajectory_id GROUP BY a.run_id, e.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;UPDATE place_sums SET assigned = assigned - 1
    WHERE run_id = OLD.run_id AND skill = OLD.skill AND level = OLD.level;
END;
CREATE TRIGGER assignments_changing BEFORE UPDATE OF trajectory_id, run_id, skill, level ON assignments BEGIN
UPDATE place_sums SET
        accepted = place_sums.accepted - (t.status = 'accepted'),
        rejected = place_sums.rejected - (t.status = 'rejected'),
        unscored = place_sums.unscored - (t.status = 'unscored'),
        failed = place_sums.failed - (t.status = 'failed'),
        attempts = place_sums.attempts - t.attempts,
        accepted_attempts = place_sums.accepted_attempts - t.accepted_attempts,
        tried = place_sums.tried - t.tried,
        solved = place_sums.solved - t.solved,
        critiques = place_sums.critiques - t.critiques,
        scored = place_sums.scored - (t.reward IS NOT NULL),
        reward = place_sums.reward - coalesce(t.reward, 0.0)
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = OLD.trajectory_id AND (place_sums.run_id, place_sums.skill, place_sums.level)
        = (a.run_id, a.skill, a.level);INSERT INTO reason_sums (run_id, reason, trajectories)
    SELECT a.run_id, coalesce(t.reason, 'error'), - 1 FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = OLD.trajectory_id AND t.status <> 'accepted'
    ON CONFLICT DO UPDATE SET trajectories = trajectories + excluded.trajectories;UPDATE call_sums SET
        model_calls = call_sums.model_calls - d.model_calls,
        journal_hits = call_sums.journal_hits - d.journal_hits,
        tokens_in = call_sums.tokens_in - d.tokens_in,
        tokens_out = call_sums.tokens_out - d.tokens_out,
        cost_usd = call_sums.cost_usd - d.cost_usd,
        unpriced = call_sums.unpriced - d.unpriced
    FROM (SELECT a.run_id, u.role, sum(1 - u.journal_hit) AS model_calls,
            sum(u.journal_hit) AS journal_hits,
            sum((1 - u.journal_hit) * coalesce(c.tokens_in, 0)) AS tokens_in,
            sum((1 - u.journal_hit) * coalesce(c.tokens_out, 0)) AS tokens_out,
            sum((1 - u.journal_hit) * coalesce(c.cost_usd, 0.0)) AS cost_usd,
            sum((1 - u.journal_hit) * (c.cost_usd IS NULL)) AS unpriced
        FROM calls_used u JOIN model_calls c ON c.request_digest = u.request_digest
        JOIN assignments a ON a.trajectory_id = u.trajectory_id
        WHERE u.trajectory_id = OLD.trajectory_id GROUP BY a.run_id, u.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;UPDATE call_sums SET call_errors = call_sums.call_errors - d.times
    FROM (SELECT a.run_id, e.role, count(*) AS times FROM call_errors e
        JOIN assignments a ON a.trajectory_id = e.trajectory_id
        WHERE e.trajectory_id = OLD.trajectory_id GROUP BY a.run_id, e.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;UPDATE place_sums SET assigned = assigned - 1
    WHERE run_id = OLD.run_id AND skill = OLD.skill AND level = OLD.level;
END;
CREATE TRIGGER assignments_changed AFTER UPDATE OF trajectory_id, run_id, skill, level ON assignments BEGIN
INSERT INTO place_sums (run_id, skill, level, assigned)
    VALUES (NEW.run_id, NEW.skill, NEW.level, 1)
    ON CONFLICT DO UPDATE SET assigned = assigned + 1;UPDATE place_sums SET
        accepted = place_sums.accepted + (t.status = 'accepted'),
        rejected = place_sums.rejected + (t.status = 'rejected'),
        unscored = place_sums.unscored + (t.status = 'unscored'),
        failed = place_sums.failed + (t.status = 'failed'),
        attempts = place_sums.attempts + t.attempts,
        accepted_attempts = place_sums.accepted_attempts + t.accepted_attempts,
        tried = place_sums.tried + t.tried,
        solved = place_sums.solved + t.solved,
        critiques = place_sums.critiques + t.critiques,
        scored = place_sums.scored + (t.reward IS NOT NULL),
        reward = place_sums.reward + coalesce(t.reward, 0.0)
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = NEW.trajectory_id AND (place_sums.run_id, place_sums.skill, place_sums.level)
        = (a.run_id, a.skill, a.level);INSERT INTO reason_sums (run_id, reason, trajectories)
    SELECT a.run_id, coalesce(t.reason, 'error'), + 1 FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = NEW.trajectory_id AND t.status <> 'accepted'
    ON CONFLICT DO UPDATE SET trajectories = trajectories + excluded.trajectories;UPDATE call_sums SET
        model_calls = call_sums.model_calls + d.model_calls,
        journal_hits = call_sums.journal_hits + d.journal_hits,
        tokens_in = call_sums.tokens_in + d.tokens_in,
        tokens_out = call_sums.tokens_out + d.tokens_out,
        cost_usd = call_sums.cost_usd + d.cost_usd,
        unpriced = call_sums.unpriced + d.unpriced
    FROM (SELECT a.run_id, u.role, sum(1 - u.journal_hit) AS model_calls,
            sum(u.journal_hit) AS journal_hits,
            sum((1 - u.journal_hit) * coalesce(c.tokens_in, 0)) AS tokens_in,
            sum((1 - u.journal_hit) * coalesce(c.tokens_out, 0)) AS tokens_out,
            sum((1 - u.journal_hit) * coalesce(c.cost_usd, 0.0)) AS cost_usd,
            sum((1 - u.journal_hit) * (c.cost_usd IS NULL)) AS unpriced
        FROM calls_used u JOIN model_calls c ON c.request_digest = u.request_digest
        JOIN assignments a ON a.trajectory_id = u.trajectory_id
        WHERE u.trajectory_id = NEW.trajectory_id GROUP BY a.run_id, u.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;UPDATE call_sums SET call_errors = call_sums.call_errors + d.times
    FROM (SELECT a.run_id, e.role, count(*) AS times FROM call_errors e
        JOIN assignments a ON a.trajectory_id = e.trajectory_id
        WHERE e.trajectory_id = NEW.trajectory_id GROUP BY a.run_id, e.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
CREATE TRIGGER trajectories_deleted BEFORE DELETE ON trajectories BEGIN
UPDATE place_sums SET
        accepted = place_sums.accepted - (t.status = 'accepted'),
        rejected = place_sums.rejected - (t.status = 'rejected'),
        unscored = place_sums.unscored - (t.status = 'unscored'),
        failed = place_sums.failed - (t.status = 'failed'),
        attempts = place_sums.attempts - t.attempts,
        accepted_attempts = place_sums.accepted_attempts - t.accepted_attempts,
        tried = place_sums.tried - t.tried,
        solved = place_sums.solved - t.solved,
        critiques = place_sums.critiques - t.critiques,
        scored = place_sums.scored - (t.reward IS NOT NULL),
        reward = place_sums.reward - coalesce(t.reward, 0.0)
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = OLD.id AND (place_sums.run_id, place_sums.skill, place_sums.level)
        = (a.run_id, a.skill, a.level);INSERT INTO reason_sums (run_id, reason, trajectories)
    SELECT a.run_id, coalesce(t.reason, 'error'), - 1 FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = OLD.id AND t.status <> 'accepted'
    ON CONFLICT DO UPDATE SET trajectories = trajectories + excluded.trajectories;
END;
CREATE TRIGGER trajectories_changing BEFORE UPDATE OF id, status, reward, reason, attempts, accepted_attempts, tried, solved, critiques ON trajectories BEGIN
UPDATE place_sums SET
        accepted = place_sums.accepted - (t.status = 'accepted'),
        rejected = place_sums.rejected - (t.status = 'rejected'),
        unscored = place_sums.unscored - (t.status = 'unscored'),
        failed = place_sums.failed - (t.status = 'failed'),
        attempts = place_sums.attempts - t.attempts,
        accepted_attempts = place_sums.accepted_attempts - t.accepted_attempts,
        tried = place_sums.tried - t.tried,
        solved = place_sums.solved - t.solved,
        critiques = place_sums.critiques - t.critiques,
        scored = place_sums.scored - (t.reward IS NOT NULL),
        reward = place_sums.reward - coalesce(t.reward, 0.0)
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = OLD.id AND (place_sums.run_id, place_sums.skill, place_sums.level)
        = (a.run_id, a.skill, a.level);INSERT INTO reason_sums (run_id, reason, trajectories)
    SELECT a.run_id, coalesce(t.reason, 'error'), - 1 FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = OLD.id AND t.status <> 'accepted'
    ON CONFLICT DO UPDATE SET trajectories = trajectories + excluded.trajectories;
END;
CREATE TRIGGER trajectories_changed AFTER UPDATE OF id, status, reward, reason, attempts, accepted_attempts, tried, solved, critiques ON trajectories BEGIN
UPDATE place_sums SET
        accepted = place_sums.accepted + (t.status = 'accepted'),
        rejected = place_sums.rejected + (t.status = 'rejected'),
        unscored = place_sums.unscored + (t.status = 'unscored'),
        failed = place_sums.failed + (t.status = 'failed'),
        attempts = place_sums.attempts + t.attempts,
        accepted_attempts = place_sums.accepted_attempts + t.accepted_attempts,
        tried = place_sums.tried + t.tried,
        solved = place_sums.solved + t.solved,
        critiques = place_sums.critiques + t.critiques,
        scored = place_sums.scored + (t.reward IS NOT NULL),
        reward = place_sums.reward + coalesce(t.reward, 0.0)
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = NEW.id AND (place_sums.run_id, place_sums.skill, place_sums.level)
        = (a.run_id, a.skill, a.level);INSERT INTO reason_sums (run_id, reason, trajectories)
    SELECT a.run_id, coalesce(t.reason, 'error'), + 1 FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = NEW.id AND t.status <> 'accepted'
    ON CONFLICT DO UPDATE SET trajectories = trajectories + excluded.trajectories;
END;
CREATE TRIGGER calls_used_deleted BEFORE DELETE ON calls_used BEGIN
UPDATE call_sums SET
        model_calls = call_sums.model_calls - d.model_calls,
        journal_hits = call_sums.journal_hits - d.journal_hits,
        tokens_in = call_sums.tokens_in - d.tokens_in,
        tokens_out = call_sums.tokens_out - d.tokens_out,
        cost_usd = call_sums.cost_usd - d.cost_usd,
        unpriced = call_sums.unpriced - d.unpriced
    FROM (SELECT a.run_id, u.role, sum(1 - u.journal_hit) AS model_calls,
            sum(u.journal_hit) AS journal_hits,
            sum((1 - u.journal_hit) * coalesce(c.tokens_in, 0)) AS tokens_in,
            sum((1 - u.journal_hit) * coalesce(c.tokens_out, 0)) AS tokens_out,
            sum((1 - u.journal_hit) * coalesce(c.cost_usd, 0.0)) AS cost_usd,
            sum((1 - u.journal_hit) * (c.cost_usd IS NULL)) AS unpriced
        FROM calls_used u JOIN model_calls c ON c.request_digest = u.request_digest
        JOIN assignments a ON a.trajectory_id = u.trajectory_id
        WHERE u.trajectory_id = OLD.trajectory_id AND u.role = OLD.role AND u.revision = OLD.revision AND u.idx = OLD.idx AND u.turn = OLD.turn GROUP BY a.run_id, u.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
CREATE TRIGGER calls_used_changing BEFORE UPDATE OF trajectory_id, role, revision, idx, turn, request_digest, journal_hit ON calls_used BEGIN
UPDATE call_sums SET
        model_calls = call_sums.model_calls - d.model_calls,
        journal_hits = call_sums.journal_hits - d.journal_hits,
        tokens_in = call_sums.tokens_in - d.tokens_in,
        tokens_out = call_sums.tokens_out - d.tokens_out,
        cost_usd = call_sums.cost_usd - d.cost_usd,
        unpriced = call_sums.unpriced - d.unpriced
    FROM (SELECT a.run_id, u.role, sum(1 - u.journal_hit) AS model_calls,
            sum(u.journal_hit) AS journal_hits,
            sum((1 - u.journal_hit) * coalesce(c.tokens_in, 0)) AS tokens_in,
            sum((1 - u.journal_hit) * coalesce(c.tokens_out, 0)) AS tokens_out,
            sum((1 - u.journal_hit) * coalesce(c.cost_usd, 0.0)) AS cost_usd,
            sum((1 - u.journal_hit) * (c.cost_usd IS NULL)) AS unpriced
        FROM calls_used u JOIN model_calls c ON c.request_digest = u.request_digest
        JOIN assignments a ON a.trajectory_id = u.trajectory_id
        WHERE u.trajectory_id = OLD.trajectory_id AND u.role = OLD.role AND u.revision = OLD.revision AND u.idx = OLD.idx AND u.turn = OLD.turn GROUP BY a.run_id, u.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
CREATE TRIGGER calls_used_changed AFTER UPDATE OF trajectory_id, role, revision, idx, turn, request_digest, journal_hit ON calls_used BEGIN
UPDATE call_sums SET
        model_calls = call_sums.model_calls + d.model_calls,
        journal_hits = call_sums.journal_hits + d.journal_hits,
        tokens_in = call_sums.tokens_in + d.tokens_in,
        tokens_out = call_sums.tokens_out + d.tokens_out,
        cost_usd = call_sums.cost_usd + d.cost_usd,
        unpriced = call_sums.unpriced + d.unpriced
    FROM (SELECT a.run_id, u.role, sum(1 - u.journal_hit) AS model_calls,
            sum(u.journal_hit) AS journal_hits,
            sum((1 - u.journal_hit) * coalesce(c.tokens_in, 0)) AS tokens_in,
            sum((1 - u.journal_hit) * coalesce(c.tokens_out, 0)) AS tokens_out,
            sum((1 - u.journal_hit) * coalesce(c.cost_usd, 0.0)) AS cost_usd,
            sum((1 - u.journal_hit) * (c.cost_usd IS NULL)) AS unpriced
        FROM calls_used u JOIN model_calls c ON c.request_digest = u.request_digest
        JOIN assignments a ON a.trajectory_id = u.trajectory_id
        WHERE u.trajectory_id = NEW.trajectory_id AND u.role = NEW.role AND u.revision = NEW.revision AND u.idx = NEW.idx AND u.turn = NEW.turn GROUP BY a.run_id, u.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
CREATE TRIGGER model_calls_deleted BEFORE DELETE ON model_calls BEGIN
UPDATE call_sums SET
        model_calls = call_sums.model_calls - d.model_calls,
        journal_hits = call_sums.journal_hits - d.journal_hits,
        tokens_in = call_sums.tokens_in - d.tokens_in,
        tokens_out = call_sums.tokens_out - d.tokens_out,
        cost_usd = call_sums.cost_usd - d.cost_usd,
        unpriced = call_sums.unpriced - d.unpriced
    FROM (SELECT a.run_id, u.role, sum(1 - u.journal_hit) AS model_calls,
            sum(u.journal_hit) AS journal_hits,
            sum((1 - u.journal_hit) * coalesce(c.tokens_in, 0)) AS tokens_in,
            sum((1 - u.journal_hit) * coalesce(c.tokens_out, 0)) AS tokens_out,
            sum((1 - u.journal_hit) * coalesce(c.cost_usd, 0.0)) AS cost_usd,
            sum((1 - u.journal_hit) * (c.cost_usd IS NULL)) AS unpriced
        FROM calls_used u JOIN model_calls c ON c.request_digest = u.request_digest
        JOIN assignments a ON a.trajectory_id = u.trajectory_id
        WHERE u.request_digest = OLD.request_digest GROUP BY a.run_id, u.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
CREATE TRIGGER model_calls_changing BEFORE UPDATE OF request_digest, tokens_in, tokens_out, cost_usd ON model_calls BEGIN
UPDATE call_sums SET
        model_calls = call_sums.model_calls - d.model_calls,
        journal_hits = call_sums.journal_hits - d.journal_hits,
        tokens_in = call_sums.tokens_in - d.tokens_in,
        tokens_out = call_sums.tokens_out - d.tokens_out,
        cost_usd = call_sums.cost_usd - d.cost_usd,
        unpriced = call_sums.unpriced - d.unpriced
    FROM (SELECT a.run_id, u.role, sum(1 - u.journal_hit) AS model_calls,
            sum(u.journal_hit) AS journal_hits,
            sum((1 - u.journal_hit) * coalesce(c.tokens_in, 0)) AS tokens_in,
            sum((1 - u.journal_hit) * coalesce(c.tokens_out, 0)) AS tokens_out,
            sum((1 - u.journal_hit) * coalesce(c.cost_usd, 0.0)) AS cost_usd,
            sum((1 - u.journal_hit) * (c.cost_usd IS NULL)) AS unpriced
        FROM calls_used u JOIN model_calls c ON c.request_digest = u.request_digest
        JOIN assignments a ON a.trajectory_id = u.trajectory_id
        WHERE u.request_digest = OLD.request_digest GROUP BY a.run_id, u.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
CREATE TRIGGER model_calls_changed AFTER UPDATE OF request_digest, tokens_in, tokens_out, cost_usd ON model_calls BEGIN
UPDATE call_sums SET
        model_calls = call_sums.model_calls + d.model_calls,
        journal_hits = call_sums.journal_hits + d.journal_hits,
        tokens_in = call_sums.tokens_in + d.tokens_in,
        tokens_out = call_sums.tokens_out + d.tokens_out,
        cost_usd = call_sums.cost_usd + d.cost_usd,
        unpriced = call_sums.unpriced + d.unpriced
    FROM (SELECT a.run_id, u.role, sum(1 - u.journal_hit) AS model_calls,
            sum(u.journal_hit) AS journal_hits,
            sum((1 - u.journal_hit) * coalesce(c.tokens_in, 0)) AS tokens_in,
            sum((1 - u.journal_hit) * coalesce(c.tokens_out, 0)) AS tokens_out,
            sum((1 - u.journal_hit) * coalesce(c.cost_usd, 0.0)) AS cost_usd,
            sum((1 - u.journal_hit) * (c.cost_usd IS NULL)) AS unpriced
        FROM calls_used u JOIN model_calls c ON c.request_digest = u.request_digest
        JOIN assignments a ON a.trajectory_id = u.trajectory_id
        WHERE u.request_digest = NEW.request_digest GROUP BY a.run_id, u.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
CREATE TRIGGER call_errors_deleted BEFORE DELETE ON call_errors BEGIN
UPDATE call_sums SET call_errors = call_sums.call_errors - d.times
    FROM (SELECT a.run_id, e.role, count(*) AS times FROM call_errors e
        JOIN assignments a ON a.trajectory_id = e.trajectory_id
        WHERE e.id = OLD.id GROUP BY a.run_id, e.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
CREATE TRIGGER call_errors_changing BEFORE UPDATE OF trajectory_id, role ON call_errors BEGIN
UPDATE call_sums SET call_errors = call_sums.call_errors - d.times
    FROM (SELECT a.run_id, e.role, count(*) AS times FROM call_errors e
        JOIN assignments a ON a.trajectory_id = e.trajectory_id
        WHERE e.id = OLD.id GROUP BY a.run_id, e.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
CREATE TRIGGER call_errors_changed AFTER UPDATE OF trajectory_id, role ON call_errors BEGIN
UPDATE call_sums SET call_errors = call_sums.call_errors + d.times
    FROM (SELECT a.run_id, e.role, count(*) AS times FROM call_errors e
        JOIN assignments a ON a.trajectory_id = e.trajectory_id
        WHERE e.id = NEW.id GROUP BY a.run_id, e.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;
END;
COMMIT;
