"""Keys are verified by a store that can be read only, too."""

from sqlalchemy import event, text

from parkrisk.api.service.identity.keys import new_key
from parkrisk.api.service.identity.ring import KeyRing
from parkrisk.api.service.store import keys, open_store, tenants


def test_a_store_that_cannot_be_written_still_knows_its_keys(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    made = new_key()
    with store.begin() as connection:
        tenant = tenants.ensure_tenant(connection, "park", "园区").id
        of = {"role": "reader", "name": "张", "expires": None, "created_by": "admin"}
        keys.create_key(connection, tenant, made.id, secret_hash=made.secret_hash, **of)
    event.listen(store.engine, "begin", lambda connection: connection.execute(text("PRAGMA query_only = ON")))
    caller = KeyRing(store, 5.0).caller(made.text)
    assert (caller.tenant, caller.role) == (tenant, "reader")
    with store.reading() as connection:
        assert keys.get_key(connection, tenant, made.id).last_used is None
    store.close()
