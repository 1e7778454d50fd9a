"""Does with just4alauda what it can do with image repositories: alauda.py URL USER PASSWORD NAMESPACE."""

import contextlib
import json
import sys

with contextlib.redirect_stdout(sys.stderr):  # The client talks on standard output.
    from alauda import Alauda

    url, user, password, namespace = sys.argv[1:]
    did = {"wrong_password": Alauda.get_token(user, "not " + password, url)}
    client = Alauda(namespace, Alauda.get_token(user, password, url), urlbase=url)
    # It reads the first page only.
    did["listed"] = [one.name for one in client.list_repo()]
    did["shown"] = [[one.description, one.is_public] for one in client.list_repo()]
    # Fields that the list does not have, it fetches by itself.
    did["stars"] = [[one.name, one.is_repo_starred] for one in client.list_repo()[:3]]

    automated = client.get_repo("order-api")
    did["built_from"] = [config.branch_or_tag_name for config in automated.build_config.tag_configs]
    did["unknown"] = client.get_repo("nothing-like-it")

    made = client.create_repo("from-python", "由 just4alauda 创建", True)
    did["made"] = made.json_data
    found = client.get_repo("from-python")
    did["found"] = [found.description, found.is_public, found.full_description, found.is_automated]
    try:
        client.create_repo("from-python", "again")
    except Exception as refused:
        did["again"] = str(refused).splitlines()[1]

    # It has no update and no calls for tags of its own, but what sends its requests is general.
    path = "/v1/repositories/{namespace}/from-python"
    did["updated"] = client._request_helper(path, "put", {"is_public": False}).json()["is_public"]
    tags = client._request_helper("/v1/repositories/{namespace}/cart/tags", "get").json()
    did["tags"] = sorted(tag["tag"] for tag in tags)
    did["images"] = {tag["tag"]: tag["image_id"] for tag in tags}
    gone = client._request_helper("/v1/repositories/{namespace}/cart/tags/latest", "delete")
    did["tag_deleted"] = gone.status_code

    did["deleted"] = found.delete()
    did["after"] = client.get_repo("from-python")

print(json.dumps(did))
