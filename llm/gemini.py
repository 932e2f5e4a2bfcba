"""Gemini, through google-genai, which is imported at the first call (26 MB alone, 15 after Groq's).

The SDK hides calls in three places, all shut here: retries (five once options are set without ``attempts``, and one
after a failed connection under aiohttp, hence the httpx client), automatic function calling, and the continuation of
cut replies.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from errors import ModelError, ModelFormatRefused, ModelRejected
from llm.addresses import checked_base_url, without_suffix
from llm.contracts import ModelCall, ModelReply
from llm.http_errors import error_from
from llm.limits import Patience
from llm.manner import Manner
from llm.prices import FREE, Price
from llm.reply import Author, Piece, reply_from
from llm.sdk_http import AnswerTooLarge, open_http, server_answer, transport_error

if TYPE_CHECKING:
    import httpx
    from google import genai
    from google.genai import types

BASE_URL = "https://generativelanguage.googleapis.com"
PATIENCE = Patience(first_s=60.0)


class GeminiModel:
    """One model of the Gemini API. Not streamed: thinking models send little before they are done anyway."""

    provider = "gemini"

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str = BASE_URL,
        price: Price = FREE,
        patience: Patience = PATIENCE,
    ) -> None:
        self.model = model
        self._api_key = api_key
        self._base_url = without_suffix(checked_base_url("GEMINI_BASE_URL", base_url), "/v1beta", "/v1")
        self._author = Author(self.provider, model, price)
        self._patience = patience
        self._manner = Manner(stream=False)
        self._client: genai.Client | None = None
        self._http: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    def __repr__(self) -> str:
        return f"GeminiModel({self.model!r})"

    async def complete(self, call: ModelCall, deadline_s: float) -> ModelReply:
        """One HTTP request within ``deadline_s`` seconds; see `LanguageModel`."""
        return await reply_from(self._pieces(call), call, self._author, self._patience, deadline_s)

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        http, self._http = self._http, None
        if client is not None:
            client.close()
            await client.aio.aclose()
        if http is not None:
            await http.aclose()

    async def _opened(self) -> "genai.Client":
        async with self._opening:
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(self._open)
                except ImportError:
                    raise ModelRejected(self.provider, "the package google-genai is not installed") from None
            return self._client

    def _open(self) -> "genai.Client":
        import httpx
        from google import genai
        from google.genai import types

        self._http = open_http(self._patience)
        options = types.HttpOptions(
            base_url=self._base_url,
            api_version="v1beta",
            retry_options=types.HttpRetryOptions(attempts=1),
            httpx_async_client=self._http,
            # Never used, but the SDK would build one with certificates of its own (2 MB).
            httpx_client=httpx.Client(verify=False),  # noqa: S501
        )
        return genai.Client(api_key=self._api_key, vertexai=False, http_options=options)

    async def _pieces(self, call: ModelCall) -> AsyncGenerator[Piece, None]:
        client = await self._opened()
        import httpx
        from google.genai import errors as sdk

        manner = self._manner
        try:
            response = await client.aio.models.generate_content(
                model=self.model, contents=call.user, config=_config(call, manner)
            )
            piece = self._piece(response)
        except sdk.APIError as error:
            raise self._refusal(error, manner) from None
        except (httpx.HTTPError, AnswerTooLarge, ValueError, TypeError, AttributeError) as error:
            raise transport_error(self.provider, error, self._patience) from None
        yield piece

    def _piece(self, response: "types.GenerateContentResponse") -> Piece:
        feedback = response.prompt_feedback
        if feedback is not None and feedback.block_reason is not None:
            raise ModelRejected(self.provider, "its content filter refused the request")
        candidate = response.candidates[0] if response.candidates else None
        parts = (candidate.content.parts if candidate and candidate.content else None) or []
        usage = response.usage_metadata
        thoughts = (usage.thoughts_token_count if usage else None) or 0
        written = usage.candidates_token_count if usage else None
        return Piece(
            "".join(part.text or "" for part in parts if not part.thought),
            candidate.finish_reason.value if candidate and candidate.finish_reason else None,
            usage.prompt_token_count if usage else None,
            None if written is None else written + thoughts,
        )

    def _refusal(self, error: Any, manner: Manner) -> ModelError:
        answer = server_answer(error.response)
        if better := manner.after_refusal(answer):
            self._manner = better
            return ModelFormatRefused(self.provider, f"refused the form of the request (HTTP {answer.status})")
        return error_from(self.provider, answer)


def _config(call: ModelCall, manner: Manner) -> "types.GenerateContentConfig":
    from google.genai import types

    return types.GenerateContentConfig(
        system_instruction=manner.system(call),
        temperature=call.temperature,
        max_output_tokens=call.max_tokens,
        response_mime_type=None if manner.response_format == "none" or not call.schema else "application/json",
        response_json_schema=call.schema if manner.response_format == "json_schema" and call.schema else None,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        automatic_continuation=False,
    )
