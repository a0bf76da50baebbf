BEGIN TRANSACTION;
CREATE TABLE artifacts (
	tenant TEXT NOT NULL, 
	owner_kind TEXT NOT NULL, 
	owner_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	packing TEXT NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT pk_artifacts PRIMARY KEY (tenant, owner_kind, owner_id, name), 
	CONSTRAINT fk_artifacts_tenant FOREIGN KEY(tenant) REFERENCES tenants (id)
);
INSERT INTO "artifacts" VALUES('released','run','rb74029dadda34574a6d97ee1cbb884d5','document.json','image/released','3c653121e6a1ddf04bd92cc7eee663fbedf0634b7716ad2d7648971a3cee5d6a',4000,'zlib',X'789CEDC5A10D00400804B0593FE11C0AF64F7E0C4C6B3AE9BC4D8D6DDBB66DDB3EFB031812631F');
INSERT INTO "artifacts" VALUES('released','run','rb74029dadda34574a6d97ee1cbb884d5','mark.png','image/released','d29eae1372c396247daf62745d10c3513eb46f9f232b4527e0f5298e5dca5cd0',8,'',X'72656C6561736564');
CREATE TABLE assessments (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	park_id TEXT, 
	version INTEGER, 
	request_digest TEXT NOT NULL, 
	rules TEXT, 
	seed BIGINT NOT NULL, 
	settings TEXT, 
	status TEXT NOT NULL, 
	result_digest TEXT, 
	grade_letter TEXT, 
	grade_bounds TEXT, 
	summary TEXT, 
	created TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_assessments PRIMARY KEY (tenant, id), 
	CONSTRAINT fk_assessments_tenant_park_id_version FOREIGN KEY(tenant, park_id, version) REFERENCES park_versions (tenant, park_id, version), 
	CONSTRAINT fk_assessments_tenant FOREIGN KEY(tenant) REFERENCES tenants (id), 
	CONSTRAINT uq_assessments_tenant_request_digest UNIQUE (tenant, request_digest)
);
INSERT INTO "assessments" VALUES('released','a377c9d84dda04dc48c7a13ff6085237f','p3d40d1a35f0d40fe9760035bc81d21a2',2,'released-request','released-rules',9223372036854775807,'{"mark":"released"}','successful','released-out','C','["B","C"]','{"mark":"released"}','2026-11-26T14:09:30.567681Z','released 张三');
CREATE TABLE audit (
	tenant TEXT NOT NULL, 
	sequence INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	entry TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (tenant, sequence), 
	CONSTRAINT fk_audit_tenant FOREIGN KEY(tenant) REFERENCES tenants (id)
)
 WITHOUT ROWID

;
INSERT INTO "audit" VALUES('released',1,'2026-11-26T14:09:30.580511Z','{"number":0,"what":"job.accepted","who":"released","zh":"\u5f20\u4e09"}','0000000000000000000000000000000000000000000000000000000000000000','7302c8a5a415e5d9a09e69148d0537c3775e22d158ac5d38d76f5f6c6766a511');
INSERT INTO "audit" VALUES('released',2,'2026-11-26T14:09:30.581132Z','{"number":1,"what":"job.accepted","who":"released","zh":"\u5f20\u4e09"}','7302c8a5a415e5d9a09e69148d0537c3775e22d158ac5d38d76f5f6c6766a511','e4c677bf8839af44cb3265e36272570e095070d1ee3039268e82d202a6fe06dc');
INSERT INTO "audit" VALUES('released',3,'2026-11-26T14:09:30.581557Z','{"number":2,"what":"job.accepted","who":"released","zh":"\u5f20\u4e09"}','e4c677bf8839af44cb3265e36272570e095070d1ee3039268e82d202a6fe06dc','2b20e363e43d19c61dd959334c9aec70d748ac80f8ea0a81c0f64d5407ec1f38');
CREATE TABLE decisions (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	request_digest TEXT NOT NULL, 
	standing TEXT NOT NULL, 
	park_id TEXT, 
	version INTEGER, 
	project_id TEXT, 
	status TEXT NOT NULL, 
	verdict TEXT, 
	summary TEXT, 
	result_digest TEXT, 
	created TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_decisions PRIMARY KEY (tenant, id), 
	CONSTRAINT fk_decisions_tenant_park_id_version FOREIGN KEY(tenant, park_id, version) REFERENCES park_versions (tenant, park_id, version), 
	CONSTRAINT fk_decisions_tenant_project_id FOREIGN KEY(tenant, project_id) REFERENCES projects (tenant, id), 
	CONSTRAINT fk_decisions_tenant FOREIGN KEY(tenant) REFERENCES tenants (id), 
	CONSTRAINT uq_decisions_tenant_request_digest_standing UNIQUE (tenant, request_digest, standing)
);
INSERT INTO "decisions" VALUES('released','dc80c18ec174a45f68d0337a4f257f4dc','released-request','decision','p3d40d1a35f0d40fe9760035bc81d21a2',2,'qc059dea418ea4a15b072b6ecd0e19372','successful','refuse','{"mark":"released"}','released-out','2026-11-26T14:09:30.568723Z','released 张三');
CREATE TABLE deliveries (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	webhook_id TEXT NOT NULL, 
	event TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	status TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	due TEXT, 
	answer INTEGER, 
	message TEXT NOT NULL, 
	created TEXT NOT NULL, 
	updated TEXT NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (tenant, id), 
	CONSTRAINT fk_deliveries_tenant_webhook_id FOREIGN KEY(tenant, webhook_id) REFERENCES webhooks (tenant, id), 
	CONSTRAINT fk_deliveries_tenant FOREIGN KEY(tenant) REFERENCES tenants (id)
);
INSERT INTO "deliveries" VALUES('released','ef1c64c24ed8740c7813ed6381bf171b2','w4c17e6ef471d4e4fa7f227fb79dc411d','job','{"mark":"released"}','pending',0,'2026-11-26T14:09:30.577953Z',NULL,'','2026-11-26T14:09:30.577953Z','2026-11-26T14:09:30.577953Z');
CREATE TABLE idempotency (
	tenant TEXT NOT NULL, 
	route TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	request_digest TEXT NOT NULL, 
	status INTEGER, 
	resource TEXT, 
	created TEXT NOT NULL, 
	CONSTRAINT pk_idempotency PRIMARY KEY (tenant, route, "key"), 
	CONSTRAINT fk_idempotency_tenant FOREIGN KEY(tenant) REFERENCES tenants (id)
);
INSERT INTO "idempotency" VALUES('released','POST /v1/parks','released-key','released-request',201,'released-p3d40d1a35f0d40fe9760035bc81d21a2','2026-11-26T14:09:30.575302Z');
CREATE TABLE jobs (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	process TEXT NOT NULL, 
	owner_id TEXT NOT NULL, 
	arguments_digest TEXT NOT NULL, 
	status TEXT NOT NULL, 
	stage TEXT NOT NULL, 
	share FLOAT NOT NULL, 
	message TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	created TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	started TEXT, 
	finished TEXT, 
	updated TEXT NOT NULL, 
	error TEXT, 
	CONSTRAINT pk_jobs PRIMARY KEY (tenant, id), 
	CONSTRAINT fk_jobs_tenant FOREIGN KEY(tenant) REFERENCES tenants (id)
);
INSERT INTO "jobs" VALUES('released','j525eb2f8f9e34bcabb0767b77f588d60','whatif','rb74029dadda34574a6d97ee1cbb884d5','released-args','running','risk',0.25,'released',1,'2026-11-26T14:09:30.570244Z','released 张三','2026-11-26T14:09:30.571856Z',NULL,'2026-11-26T14:09:30.572851Z',NULL);
CREATE TABLE keys (
	id TEXT NOT NULL, 
	tenant TEXT NOT NULL, 
	role TEXT NOT NULL, 
	name TEXT NOT NULL, 
	secret_hash TEXT NOT NULL, 
	created TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	expires TEXT, 
	revoked TEXT, 
	last_used TEXT, 
	CONSTRAINT pk_keys PRIMARY KEY (id), 
	CONSTRAINT fk_keys_tenant FOREIGN KEY(tenant) REFERENCES tenants (id)
);
INSERT INTO "keys" VALUES('releasedreleased','released','reader','released','released-hash','2026-11-26T14:09:30.576474Z','released 张三',NULL,NULL,'2026-11-26T14:09:30.577133Z');
CREATE TABLE park_versions (
	tenant TEXT NOT NULL, 
	park_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	input_digest TEXT NOT NULL, 
	rulebook TEXT NOT NULL, 
	units INTEGER NOT NULL, 
	source_name TEXT NOT NULL, 
	source_sha256 TEXT NOT NULL, 
	problems INTEGER NOT NULL, 
	created TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_park_versions PRIMARY KEY (tenant, park_id, version), 
	CONSTRAINT fk_park_versions_tenant_park_id FOREIGN KEY(tenant, park_id) REFERENCES parks (tenant, id), 
	CONSTRAINT fk_park_versions_tenant FOREIGN KEY(tenant) REFERENCES tenants (id)
)
 WITHOUT ROWID

;
INSERT INTO "park_versions" VALUES('released','p3d40d1a35f0d40fe9760035bc81d21a2',1,'released-in','cn-2026',3,'released.xlsx','released-sha',2,'2026-11-26T14:09:30.565830Z','released 张三');
INSERT INTO "park_versions" VALUES('released','p3d40d1a35f0d40fe9760035bc81d21a2',2,'released-in','cn-2020',3,'released.xlsx','released-sha',2,'2026-11-26T14:09:30.567018Z','released 张三');
CREATE TABLE parkrisk_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT parkrisk_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "parkrisk_schema" VALUES('0001');
CREATE TABLE parks (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_parks PRIMARY KEY (tenant, id), 
	CONSTRAINT fk_parks_tenant FOREIGN KEY(tenant) REFERENCES tenants (id)
);
INSERT INTO "parks" VALUES('released','p3d40d1a35f0d40fe9760035bc81d21a2','released 示范园区','2026-11-26T14:09:30.564193Z','released 张三');
CREATE TABLE projects (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	project_digest TEXT NOT NULL, 
	source_name TEXT NOT NULL, 
	source_sha256 TEXT NOT NULL, 
	problems INTEGER NOT NULL, 
	created TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_projects PRIMARY KEY (tenant, id), 
	CONSTRAINT fk_projects_tenant FOREIGN KEY(tenant) REFERENCES tenants (id)
);
INSERT INTO "projects" VALUES('released','qc059dea418ea4a15b072b6ecd0e19372','released 项目','released-q','released.xlsx','released-sha',2,'2026-11-26T14:09:30.567206Z','released 张三');
CREATE TABLE runs (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	request_digest TEXT NOT NULL, 
	park_id TEXT, 
	version INTEGER, 
	subject_id TEXT, 
	status TEXT NOT NULL, 
	summary TEXT, 
	result_digest TEXT, 
	created TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (tenant, id), 
	CONSTRAINT fk_runs_tenant_park_id_version FOREIGN KEY(tenant, park_id, version) REFERENCES park_versions (tenant, park_id, version), 
	CONSTRAINT fk_runs_tenant FOREIGN KEY(tenant) REFERENCES tenants (id), 
	CONSTRAINT uq_runs_tenant_kind_request_digest UNIQUE (tenant, kind, request_digest)
);
INSERT INTO "runs" VALUES('released','rb74029dadda34574a6d97ee1cbb884d5','whatif','released-request','p3d40d1a35f0d40fe9760035bc81d21a2',2,'a377c9d84dda04dc48c7a13ff6085237f','successful','{"mark":"released"}','released-out','2026-11-26T14:09:30.569501Z','released 张三');
CREATE TABLE tenants (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created TEXT NOT NULL, 
	CONSTRAINT pk_tenants PRIMARY KEY (id)
);
INSERT INTO "tenants" VALUES('released','发布','2026-11-26T14:09:30.562614Z');
CREATE TABLE webhooks (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	url TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	events TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	created TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_webhooks PRIMARY KEY (tenant, id), 
	CONSTRAINT fk_webhooks_tenant FOREIGN KEY(tenant) REFERENCES tenants (id)
);
INSERT INTO "webhooks" VALUES('released','w4c17e6ef471d4e4fa7f227fb79dc411d','https://example.org/released','released-secret','["job","released"]',1,'2026-11-26T14:09:30.577445Z','released 张三');
CREATE TABLE workers (
	id TEXT NOT NULL, 
	started TEXT NOT NULL, 
	seen TEXT NOT NULL, 
	CONSTRAINT pk_workers PRIMARY KEY (id)
);
INSERT INTO "workers" VALUES('released-worker','2026-11-26T14:09:30.579538Z','2026-11-26T14:09:30.579538Z');
CREATE INDEX ix_keys_tenant_created_id ON keys (tenant, created, id);
CREATE INDEX ix_parks_tenant_created_id ON parks (tenant, created, id);
CREATE INDEX ix_projects_tenant_created_id ON projects (tenant, created, id);
CREATE INDEX ix_assessments_tenant_created_id ON assessments (tenant, created, id);
CREATE INDEX ix_assessments_tenant_park_id_created_id ON assessments (tenant, park_id, created, id);
CREATE INDEX ix_decisions_tenant_created_id ON decisions (tenant, created, id);
CREATE INDEX ix_runs_tenant_created_id ON runs (tenant, created, id);
CREATE INDEX ix_runs_tenant_subject_id_created_id ON runs (tenant, subject_id, created, id);
CREATE INDEX ix_jobs_status ON jobs (status);
CREATE INDEX ix_jobs_tenant_created_id ON jobs (tenant, created, id);
CREATE INDEX ix_jobs_tenant_owner_id ON jobs (tenant, owner_id);
CREATE INDEX ix_webhooks_tenant_created_id ON webhooks (tenant, created, id);
CREATE INDEX ix_deliveries_status_due ON deliveries (status, due);
CREATE INDEX ix_deliveries_tenant_webhook_id_created_id ON deliveries (tenant, webhook_id, created, id);
CREATE TRIGGER audit_not_updated BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END;
CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END;
CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE tenant = NEW.tenant AND sequence = NEW.sequence) BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END;
CREATE TRIGGER park_versions_not_updated BEFORE UPDATE ON park_versions BEGIN SELECT RAISE(ABORT, 'park_versions is only added to'); END;
CREATE TRIGGER park_versions_not_deleted BEFORE DELETE ON park_versions BEGIN SELECT RAISE(ABORT, 'park_versions is only added to'); END;
CREATE TRIGGER park_versions_not_replaced BEFORE INSERT ON park_versions WHEN EXISTS (SELECT 1 FROM park_versions WHERE tenant = NEW.tenant AND park_id = NEW.park_id AND version = NEW.version) BEGIN SELECT RAISE(ABORT, 'park_versions is only added to'); END;
COMMIT;
