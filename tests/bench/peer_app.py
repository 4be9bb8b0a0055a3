"""What many would write: FastAPI, and a data binding of the schemas that xsdata generated.

It searches nothing: every request is parsed into objects, and one reply, kept as objects, is
written. Run by peers.py in an environment of its own: `uvicorn peer_app:app`, with the generated
package `ndc` beside it and PEER_REPLY naming the reply's file.
"""

import os
from pathlib import Path

from fastapi import FastAPI, Request, Response  # type: ignore[import-not-found]  # the same
from xsdata.formats.dataclass.context import XmlContext  # type: ignore[import-not-found]
from xsdata.formats.dataclass.parsers import XmlParser  # type: ignore[import-not-found]
from xsdata.formats.dataclass.serializers import XmlSerializer  # type: ignore[import-not-found]

import ndc  # type: ignore[import-not-found]  # generated where this runs

context = XmlContext()
parser, serializer = XmlParser(context=context), XmlSerializer(context=context)
reply = parser.from_bytes(Path(os.environ["PEER_REPLY"]).read_bytes(), ndc.IataAirShoppingRs)
app = FastAPI()


@app.post("/ndc")  # type: ignore[untyped-decorator]  # no types without the package
async def shop(request: Request) -> Response:
    parser.from_bytes(await request.body(), ndc.IataAirShoppingRq)
    return Response(serializer.render(reply), media_type="application/xml")
