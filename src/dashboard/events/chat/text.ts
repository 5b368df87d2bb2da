import { texts } from "../../language.ts";

export const text = texts({
  en: {
    none: "This event belongs to no conversation.",
    empty: "Nothing is kept of this conversation.",
    older: "Older messages",
    someone: "unknown sender",
    unseen: "The text is not kept here, or hidden from this token.",
    refusedBy: (rule: string | null, code: number) =>
      rule === null ? `Refused with code ${code}` : `Refused by the rule ${rule}, code ${code}`,
    recalledBy: (by: string | null) => (by === null ? "Recalled" : `Recalled by ${by}`),
    editedBy: (by: string | null) => (by === null ? "Edited" : `Edited by ${by}`),
    before: "Before:",
    notSent: "Tencent did not deliver it:",
    read: (n: number) => (n === 1 ? "read by 1" : `read by ${n}`),
    types: {
      TIMImageElem: "image",
      TIMFileElem: "file",
      TIMSoundElem: "voice",
      TIMVideoFileElem: "video",
      TIMFaceElem: "emoji",
      TIMLocationElem: "place",
      TIMCustomElem: "custom",
      TIMRelayElem: "forwarded messages",
      TIMStreamElem: "stream",
    } as Readonly<Record<string, string>>,
  },
  zh: {
    none: "此事件不属于任何会话。",
    empty: "此会话没有保存任何内容。",
    older: "更早的消息",
    someone: "未知发送者",
    unseen: "此处没有保存文字，或当前令牌无权查看。",
    refusedBy: (rule, code) =>
      rule === null ? `已拒绝，错误码 ${code}` : `被规则 ${rule} 拒绝，错误码 ${code}`,
    recalledBy: (by) => (by === null ? "已撤回" : `已被 ${by} 撤回`),
    editedBy: (by) => (by === null ? "已编辑" : `已被 ${by} 编辑`),
    before: "编辑前：",
    notSent: "腾讯云未下发：",
    read: (n) => `${n} 人已读`,
    types: {
      TIMImageElem: "图片",
      TIMFileElem: "文件",
      TIMSoundElem: "语音",
      TIMVideoFileElem: "视频",
      TIMFaceElem: "表情",
      TIMLocationElem: "位置",
      TIMCustomElem: "自定义消息",
      TIMRelayElem: "合并转发",
      TIMStreamElem: "流式消息",
    },
  },
});
