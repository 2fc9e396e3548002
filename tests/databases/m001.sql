BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'lyceum','m001_first_tables','2026-11-21 10:46:05.308840+00:00');
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
INSERT INTO "assignments" VALUES('tbff73175cf627b39643f0736deee42fb','rca9570ed303b1a9d088643b5a8f57376',0,'text_manipulation',1,'en',1006043535574973948,0,NULL,'{}');
INSERT INTO "assignments" VALUES('t5fa0c5aa6d4f5d8037ec5056d612e03f','rca9570ed303b1a9d088643b5a8f57376',1,'clock_time',1,'en',1351368664357367339,0,NULL,'{}');
INSERT INTO "assignments" VALUES('ta925a8e2af703a5a8fd4ca193392dd7b','rca9570ed303b1a9d088643b5a8f57376',2,'clock_time',1,'en',7391380733544165973,1,NULL,'{}');
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
INSERT INTO "attempts" VALUES('aa7c159f0aa2439f40b3336fc2226b055','t5fa0c5aa6d4f5d8037ec5056d612e03f','ld54fd319e9acc833447efd9989035af3',0,0,'1. 12 min is fewer than 31 min, so turn an hour into minutes: 17 h 72 min.
2. 17 h 72 min minus 0 h 31 min is 17 h 41 min.
3. The time is 17:41.
Answer: 17:41',NULL,'17:41','stop','[]','embedded/novice@1',NULL,'sha256:252498fdbc6c0d5063f7e7799ea8639ec1af4c9d0193009827db8266c75cec8c');
INSERT INTO "attempts" VALUES('a37350e57896908c6c98346c27c500032','t5fa0c5aa6d4f5d8037ec5056d612e03f','ld54fd319e9acc833447efd9989035af3',1,0,'1. 12 min is fewer than 31 min, so turn an hour into minutes: 17 h 72 min.
2. 17 h 72 min minus 0 h 31 min is 17 h 41 min.
3. The time is 17:41.
Answer: 17:41',NULL,'17:41','stop','[]','embedded/novice@1',NULL,'sha256:9c1069559b32d71d840e335eb93747cf659b0efab91c35570f9bb13404295a12');
INSERT INTO "attempts" VALUES('a2a9d8fca6f32b961bbf04a9cd04369d7','ta925a8e2af703a5a8fd4ca193392dd7b','l6420f806fd80f118d7b73e61ff539186',0,0,'1. From 12:22 to 13:41: begin with 13 h 41 min.
2. 13 h 41 min minus 12 h 22 min is 1 h 19 min.
3. 1 h 19 min is 79 min.
4. In all that makes 79 min.
Answer: 79',NULL,'79','stop','[]','embedded/novice@1',NULL,'sha256:de2cad63f483f1bb57976da5b937337f56d98e1225f2c36331b6810556dead04');
INSERT INTO "attempts" VALUES('aa31cd6b8eb0708ddc981c7b3a8efad12','ta925a8e2af703a5a8fd4ca193392dd7b','l6420f806fd80f118d7b73e61ff539186',1,0,'1. From 12:22 to 13:41: begin with 13 h 41 min.
2. 13 h 41 min minus 12 h 22 min is 1 h 19 min.
3. 1 h 19 min is 79 min.
4. In all that makes 79 min.
Answer: 79',NULL,'79','stop','[]','embedded/novice@1',NULL,'sha256:1b1914137091aa4bd4649222821c58bdee23b0e4ebb7dce2006ba669237fc82c');
INSERT INTO "attempts" VALUES('a821bb12b8e787de8f28e51dba37bd890','tbff73175cf627b39643f0736deee42fb','l45eae6cc0a3fef8180eae4b9001c2644',0,0,'1. purple becomes wbywsl.
2. cotton becomes jvaavu.
3. mirror becomes tpyyvy.
4. olive becomes vspcl.
5. The result is wbywsl jvaavu tpyyvy vspcl.
Answer: wbywsl jvaavu tpyyvy vspcl',NULL,'wbywsl jvaavu tpyyvy vspcl','stop','[{"misconception":"shifts_the_wrong_way","step":1}]','embedded/novice@1',NULL,'sha256:8bd7153675840e0a839cac3b3efa2f09027969177be46ea4a87cd5ffe9bb76f5');
INSERT INTO "attempts" VALUES('a270e81c83c06efa98d95ed676e5d032d','tbff73175cf627b39643f0736deee42fb','l45eae6cc0a3fef8180eae4b9001c2644',1,0,'1. purple becomes wbywsl.
2. cotton becomes jvaavu.
3. mirror becomes tpyyvy.
4. olive becomes vspcl.
5. The result is wbywsl jvaavu tpyyvy vspcl.
Answer: wbywsl jvaavu tpyyvy vspcl',NULL,'wbywsl jvaavu tpyyvy vspcl','stop','[{"misconception":"shifts_the_wrong_way","step":1}]','embedded/novice@1',NULL,'sha256:94b3a43b32ad8a1f93f2f2dd6b5ed765767ba57b08918811b064787d6d08b93f');
INSERT INTO "attempts" VALUES('aa0d73f42736db31be33cdfbe59e1328c','tbff73175cf627b39643f0736deee42fb','l45eae6cc0a3fef8180eae4b9001c2644',0,1,'1. purple becomes inkiex.
2. cotton becomes vhmmhg.
3. mirror becomes fbkkhk.
4. olive becomes hebox.
5. The result is inkiex vhmmhg fbkkhk hebox.
Answer: inkiex vhmmhg fbkkhk hebox',NULL,'inkiex vhmmhg fbkkhk hebox','stop','[]','embedded/novice@1',NULL,'sha256:30c819f4526c5c32b415e248a00a2d6db7e5d7e8f44911a0a3ecad91bc8bab8c');
INSERT INTO "attempts" VALUES('afaa477eb2fc74825c177824c5e372672','tbff73175cf627b39643f0736deee42fb','l45eae6cc0a3fef8180eae4b9001c2644',1,1,'1. purple becomes wbywsl.
2. cotton becomes jvaavu.
3. mirror becomes tpyyvy.
4. olive becomes vspcl.
5. The result is wbywsl jvaavu tpyyvy vspcl.
Answer: wbywsl jvaavu tpyyvy vspcl',NULL,'wbywsl jvaavu tpyyvy vspcl','stop','[{"misconception":"shifts_the_wrong_way","step":1}]','embedded/novice@1',NULL,'sha256:01d8eebb9ebfe085e9a9d5260fbd6935aea7b6d70e055e121d6b07fce8efe10e');
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
INSERT INTO "lessons" VALUES('ld54fd319e9acc833447efd9989035af3','clock_time',1,'en','A plane takes off at 18:12. Getting to it from home takes 31 minutes. What is the latest time to leave home?','Use the 24-hour clock, with two digits each for hours and minutes. State your final answer on the last line, in the form: Answer: <HH:MM>','^[ \t]*Answer:[ \t]*(.+)$','{"domain":"procedures","forward":false,"kind":"time_before","legs":[31],"level":1,"skill":"clock_time","time":1092,"twelve":false}','17:41','["12 min is fewer than 31 min, so turn an hour into minutes: 17 h 72 min.","17 h 72 min minus 0 h 31 min is 17 h 41 min.","The time is 17:41."]','exact','{}','{}',NULL,'embedded/procedures@1','q9072a093369dd18d152a7100da2dd176');
INSERT INTO "lessons" VALUES('l6420f806fd80f118d7b73e61ff539186','clock_time',1,'en','The lift was out of order from 12:22 to 13:41. How many minutes was it out of order?','Give the time in minutes. State your final answer on the last line, in the form: Answer: <number of minutes>','^[ \t]*Answer:[ \t]*(.+)$','{"domain":"procedures","kind":"duration","level":1,"pause":0,"skill":"clock_time","spans":[[742,821]]}','79','["From 12:22 to 13:41: begin with 13 h 41 min.","13 h 41 min minus 12 h 22 min is 1 h 19 min.","1 h 19 min is 79 min.","In all that makes 79 min."]','math','{}','{}',NULL,'embedded/procedures@1','qa0b07f81a05ec437cf24551b2dac7968');
INSERT INTO "lessons" VALUES('l45eae6cc0a3fef8180eae4b9001c2644','text_manipulation',1,'en','Two spies agree on the message "purple cotton mirror olive". Shift all letters 7 places back in the alphabet and go round past its end. What do you get?','Use small letters, and one space between words. State your final answer on the last line, in the form: Answer: <text>','^[ \t]*Answer:[ \t]*(.+)$','{"domain":"procedures","kind":"caesar","level":1,"message":"purple cotton mirror olive","operations":[["caesar",-7]],"skill":"text_manipulation","wordings":[2]}','inkiex vhmmhg fbkkhk hebox','["purple becomes inkiex.","cotton becomes vhmmhg.","mirror becomes fbkkhk.","olive becomes hebox.","The result is inkiex vhmmhg fbkkhk hebox."]','exact','{}','{}',NULL,'embedded/procedures@1','q8b2e3358fc879a4ad0b193624677340b');
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
INSERT INTO "runs" VALUES('rca9570ed303b1a9d088643b5a8f57376',0,2,'{"attempts":2,"critic":{"kind":"program"},"curriculum":{"explore":0.2,"languages":["en"],"skills":[]},"expert_seeds":null,"lag":32,"max_revisions":1,"screen":null,"seed":2,"student":{"kind":"embedded"},"teacher":{"kind":"embedded"}}','{"accept":null,"attempts":2,"critic":{"api_key_env":null,"base_url":null,"endpoint":null,"extra_body":{},"false_reference":true,"kind":"program","max_tokens":null,"model":null,"own_answers":3,"price_in":null,"price_out":null,"prompt":null,"retries":5,"temperature":null,"timeout_s":120.0},"curriculum":{"explore":0.2,"languages":["en"],"skills":[]},"episodes":3,"expert_seeds":null,"in_flight":64,"lag":null,"max_calls":null,"max_cost":null,"max_revisions":1,"max_tokens":null,"screen":null,"seed":2,"student":{"api_key_env":null,"base_url":null,"endpoint":null,"extra_body":{},"kind":"embedded","max_tokens":null,"model":null,"price_in":null,"price_out":null,"prompt":null,"retries":5,"temperature":null,"timeout_s":120.0},"teacher":{"answer_pattern":null,"api_key_env":null,"base_url":null,"data":{},"endpoint":null,"extra_body":{},"instruction":null,"kind":"embedded","language":"en","level":1,"max_tokens":null,"model":null,"path":null,"price_in":null,"price_out":null,"prompt":null,"question":null,"reference":null,"reference_pattern":null,"retries":5,"skill":"library","temperature":null,"timeout_s":120.0,"verifier":"exact"}}','[{"about":"Everyday stories solved by adding and subtracting whole numbers.","after":[],"levels":3,"name":"sums","verifier":"math"},{"about":"Everyday stories solved by multiplying and dividing without remainder.","after":["sums"],"levels":3,"name":"products","verifier":"math"},{"about":"Everyday stories about fractions of an amount, and about what fraction a part is.","after":["products"],"levels":3,"name":"fractions","verifier":"math"},{"about":"Everyday stories about percentages of an amount, and percentages more or less.","after":["fractions"],"levels":3,"name":"percentages","verifier":"math"},{"about":"Everyday stories in which amounts are compared or split in a ratio.","after":["fractions"],"levels":3,"name":"ratios","verifier":"math"},{"about":"Everyday stories about so many an hour and so many dollars a piece.","after":["products"],"levels":3,"name":"rates","verifier":"math"},{"about":"Everyday stories with grams and kilograms, metres, litres, minutes and hours.","after":["products"],"levels":3,"name":"units","verifier":"math"},{"about":"Work out times and durations on the 24-hour clock, across hours and past midnight.","after":[],"levels":3,"name":"clock_time","verifier":"exact"},{"about":"Count with days of the week, dates and leap years in the Gregorian calendar.","after":["clock_time"],"levels":3,"name":"calendar","verifier":"exact"},{"about":"Find further terms of arithmetic, geometric, alternating and similar sequences.","after":[],"levels":3,"name":"sequences","verifier":"math"},{"about":"Convert whole numbers between decimal, binary and other bases up to hexadecimal.","after":["sequences"],"levels":3,"name":"number_bases","verifier":"exact"},{"about":"Carry out passes of bubble, selection and insertion sort by hand, and merge lists.","after":[],"levels":3,"name":"sorting","verifier":"math"},{"about":"Form unions, intersections, differences and symmetric differences of sets.","after":["sorting"],"levels":3,"name":"set_operations","verifier":"math"},{"about":"Change a short message letter by letter and word by word, as told.","after":[],"levels":3,"name":"text_manipulation","verifier":"exact"},{"about":"Choose columns and rows of one table; sort them, break ties, stop early; mind NULL.","after":[],"levels":3,"name":"sql_select","verifier":"sql"},{"about":"Count, add up, average and compare the rows of one table that meet conditions.","after":["sql_select"],"levels":3,"name":"sql_aggregate","verifier":"sql"},{"about":"Aggregate the rows of each group, sort the groups, and keep some with HAVING.","after":["sql_aggregate"],"levels":3,"name":"sql_group","verifier":"sql"},{"about":"Join two or three tables, also so that rows without a partner stay.","after":["sql_select"],"levels":3,"name":"sql_join","verifier":"sql"},{"about":"Ask for rows by what a second query finds: membership, an average, a count.","after":["sql_group","sql_join"],"levels":3,"name":"sql_subquery","verifier":"sql"}]','[]',3,'{"critic":"program","lyceum":"0.1.0","student":"embedded/novice@1","teacher":"embedded"}','2026-11-21T10:46:05.282+00:00','complete');
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
    digest TEXT NOT NULL,
    UNIQUE (run_id, n)
) STRICT;
INSERT INTO "trajectories" VALUES('t5fa0c5aa6d4f5d8037ec5056d612e03f','rca9570ed303b1a9d088643b5a8f57376',1,'ld54fd319e9acc833447efd9989035af3','accepted',1.0,NULL,'[]',NULL,2,2,0,'sha256:74da2757834a9ee814fd6b7467973307d641707265d409ad135f259fe81df581');
INSERT INTO "trajectories" VALUES('ta925a8e2af703a5a8fd4ca193392dd7b','rca9570ed303b1a9d088643b5a8f57376',2,'l6420f806fd80f118d7b73e61ff539186','accepted',1.0,NULL,'[]',NULL,2,2,0,'sha256:6a2044f889b53975ac76120c84d7dc203d2cc7a68f0db6f03242f7c161d71450');
INSERT INTO "trajectories" VALUES('tbff73175cf627b39643f0736deee42fb','rca9570ed303b1a9d088643b5a8f57376',0,'l45eae6cc0a3fef8180eae4b9001c2644','accepted',1.0,NULL,'[]',NULL,2,0,2,'sha256:0ffade243d78d02b8ffb24960b6961e5e42204c1671af0555a87cfff40658121');
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
    digest TEXT NOT NULL,
    UNIQUE (attempt_id, ordinal)
) STRICT;
INSERT INTO "verdicts" VALUES('vb45e745dd74a8b7fb1113e43f03dd696','aa7c159f0aa2439f40b3336fc2226b055',0,0,'accepted',1.0,'program',NULL,'[{"evidence":"both are ''17:41''","finding":"passed","limits":{"text_max_chars":10000},"verifier":"exact","version":1}]','[]','',NULL,'sha256:a72c1678055e988e6bd1d10c695e9fe01b2da84ec87c0466d9c44fae6c6b1ab7');
INSERT INTO "verdicts" VALUES('ved866c390d181250fdb3ace9fd9a6c7e','a37350e57896908c6c98346c27c500032',0,1,'accepted',1.0,'program',NULL,'[{"evidence":"both are ''17:41''","finding":"passed","limits":{"text_max_chars":10000},"verifier":"exact","version":1}]','[]','',NULL,'sha256:8deab7192b116f4e320959b7f9dfc34301e3b7c5bf3ee171ca3e04081ae653de');
INSERT INTO "verdicts" VALUES('v1f893c6787eaecd958caeca70d17abbc','a2a9d8fca6f32b961bbf04a9cd04369d7',0,0,'accepted',1.0,'program',NULL,'[{"evidence":"''79''","finding":"passed","limits":{"digits_in_a_row_max":256,"elements_max":1000,"exponent_max":64,"text_max_chars":4096},"verifier":"math","version":1}]','[]','',NULL,'sha256:af6459e29216b48aa90f9efac7c2d9368198c1859ff9d8bb7ef1aa9476a1aecd');
INSERT INTO "verdicts" VALUES('v422b9e834288d0204ee731051a0c22e4','aa31cd6b8eb0708ddc981c7b3a8efad12',0,1,'accepted',1.0,'program',NULL,'[{"evidence":"''79''","finding":"passed","limits":{"digits_in_a_row_max":256,"elements_max":1000,"exponent_max":64,"text_max_chars":4096},"verifier":"math","version":1}]','[]','',NULL,'sha256:ab42a66f6a37e90956944a7eaa6f36e7a89b35743cc7751f71d75b6f5b11ad0e');
INSERT INTO "verdicts" VALUES('v28c80a11f619623dfd6ab45116fd7a7e','a821bb12b8e787de8f28e51dba37bd890',0,0,'rejected',0.0,'program','wrong','[{"evidence":"''wbywsl jvaavu tpyyvy vspcl'' is not ''inkiex vhmmhg fbkkhk hebox''","finding":"failed","limits":{"text_max_chars":10000},"verifier":"exact","version":1}]','[]','Your answer ''wbywsl jvaavu tpyyvy vspcl'' is not right. Look again at step 1: purple becomes wbywsl.',1,'sha256:6d68629b9bef3a0f84d289a8f0d47495525e4f0d5e4681c9f394926f8d8ce24d');
INSERT INTO "verdicts" VALUES('vf5c9026d35027927f5ef4ea69685a13b','a270e81c83c06efa98d95ed676e5d032d',0,1,'rejected',0.0,'program','wrong','[{"evidence":"''wbywsl jvaavu tpyyvy vspcl'' is not ''inkiex vhmmhg fbkkhk hebox''","finding":"failed","limits":{"text_max_chars":10000},"verifier":"exact","version":1}]','[]','Your answer ''wbywsl jvaavu tpyyvy vspcl'' is not right. Look again at step 1: purple becomes wbywsl.',1,'sha256:647f89a0998ef1daf874f792693fca5671e4a19698d8055735fa1b672f2b3f94');
INSERT INTO "verdicts" VALUES('ve09b57dd695512262abbce65b90b1c08','aa0d73f42736db31be33cdfbe59e1328c',0,2,'accepted',1.0,'program',NULL,'[{"evidence":"both are ''inkiex vhmmhg fbkkhk hebox''","finding":"passed","limits":{"text_max_chars":10000},"verifier":"exact","version":1}]','[]','',NULL,'sha256:2b0756febbe153764f50314d59a2bcd14c07dde4863f6ffaf3a905247efdbbca');
INSERT INTO "verdicts" VALUES('vdbb66387f04341a91b4ca0e29fadc11c','afaa477eb2fc74825c177824c5e372672',0,3,'rejected',0.0,'program','wrong','[{"evidence":"''wbywsl jvaavu tpyyvy vspcl'' is not ''inkiex vhmmhg fbkkhk hebox''","finding":"failed","limits":{"text_max_chars":10000},"verifier":"exact","version":1}]','[]','Your answer ''wbywsl jvaavu tpyyvy vspcl'' is not right. Look again at step 1: purple becomes wbywsl.',1,'sha256:91885d03821b67bd53047e6a6ce32622532b3687a0f9d24c1514681c687d30ab');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX lessons_by_question ON lessons (question_digest);
CREATE INDEX trajectories_by_status ON trajectories (run_id, status, n);
CREATE INDEX trajectories_by_lesson ON trajectories (lesson_id);
CREATE INDEX attempts_by_lesson ON attempts (lesson_id);
CREATE INDEX calls_used_by_request ON calls_used (request_digest);
CREATE INDEX call_errors_by_trajectory ON call_errors (trajectory_id);
COMMIT;
