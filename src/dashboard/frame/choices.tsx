/** Switches language and theme. */
import { language, texts } from "../language.ts";
import { Button } from "../parts/button.tsx";
import { prefer } from "../preference.ts";
import { switchTheme, theme } from "../theme.ts";

const text = texts({
  en: { other: "中文", light: "Light theme", dark: "Dark theme" },
  zh: { other: "English", light: "浅色主题", dark: "深色主题" },
});

export function Choices() {
  const { other, light, dark } = text.value;
  const isDark = theme() === "dark";
  const switchLanguage = () => {
    language.value = language.value === "zh" ? "en" : "zh";
    prefer("language", language.value);
  };
  return (
    <div class="choices">
      <Button onPress={switchLanguage}>
        <span lang={language.value === "zh" ? "en" : "zh-CN"}>{other}</span>
      </Button>
      <Button icon={isDark ? "sun" : "moon"} title={isDark ? light : dark} onPress={switchTheme} />
    </div>
  );
}
