BEGIN TRANSACTION;
CREATE TABLE lightfield_creates (
	stream TEXT NOT NULL, 
	source_key TEXT NOT NULL, 
	idempotency_key TEXT NOT NULL, 
	body TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	PRIMARY KEY (stream, source_key)
);
INSERT INTO "lightfield_creates" VALUES('accounts','begun','4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c','{"fields": {"$name": "Begun"}}','2026-11-20 08:30:00.000000');
INSERT INTO "lightfield_creates" VALUES('files','begun','','{"fileId": "fil_2", "payloadHash": "5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b"}','2026-11-20 08:30:00.000000');
CREATE TABLE lightfield_former_keys (
	stream TEXT NOT NULL, 
	source_key TEXT NOT NULL, 
	PRIMARY KEY (stream, source_key)
);
CREATE TABLE lightfield_records (
	stream TEXT NOT NULL, 
	source_key TEXT NOT NULL, 
	object_type TEXT NOT NULL, 
	record_id TEXT NOT NULL, 
	payload_hash TEXT NOT NULL, 
	created BOOLEAN NOT NULL, 
	PRIMARY KEY (stream, source_key)
);
INSERT INTO "lightfield_records" VALUES('contacts','written','contact','con_written','1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f',1);
INSERT INTO "lightfield_records" VALUES('contacts','adopted','contact','con_adopted','',0);
INSERT INTO "lightfield_records" VALUES('contacts','unfinished','contact','con_unfinished','unfinished',1);
INSERT INTO "lightfield_records" VALUES('contacts','trashed','contact','con_trashed','trashed',1);
INSERT INTO "lightfield_records" VALUES('contacts','gone','contact','con_gone','gone',0);
INSERT INTO "lightfield_records" VALUES('contacts','merged','contact','con_merged','merged',0);
INSERT INTO "lightfield_records" VALUES('contacts','merged and gone','contact','con_merged_and_gone','merged, gone',1);
INSERT INTO "lightfield_records" VALUES('list_members','member','list_member','lst_1/con_member','on',0);
INSERT INTO "lightfield_records" VALUES('list_members','leaver','list_member','lst_1/con_leaver','leaving',0);
INSERT INTO "lightfield_records" VALUES('list_members','left','list_member','lst_1/con_left','off',0);
INSERT INTO "lightfield_records" VALUES('emails','mail','email','<1@mail.example>','2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e',0);
INSERT INTO "lightfield_records" VALUES('files','old','file','fil_1','3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d',1);
INSERT INTO "lightfield_records" VALUES('contacts','linking','contact','con_linking','6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a',1);
CREATE TABLE lightfield_waiting_links (
	stream TEXT NOT NULL, 
	source_key TEXT NOT NULL, 
	relationship TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	PRIMARY KEY (stream, source_key, relationship, reference)
);
INSERT INTO "lightfield_waiting_links" VALUES('contacts','linking','$account','later');
CREATE TABLE lightfield_waiting_records (
	stream TEXT NOT NULL, 
	source_key TEXT NOT NULL, 
	key_properties TEXT NOT NULL, 
	"row" TEXT NOT NULL, 
	PRIMARY KEY (stream, source_key)
);
INSERT INTO "lightfield_waiting_records" VALUES('opportunities','held','["id"]','{"id":"held","account_id":"later"}');
CREATE TABLE lightfield_workspace (
	definition TEXT NOT NULL, 
	id TEXT NOT NULL, 
	PRIMARY KEY (definition)
);
INSERT INTO "lightfield_workspace" VALUES('account.$name','ad_1');
CREATE INDEX lightfield_records_by_key ON lightfield_records (object_type, source_key);
CREATE INDEX lightfield_records_by_id ON lightfield_records (object_type, record_id);
COMMIT;
